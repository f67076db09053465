import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { literalPath, quoteText } from '../../../engine/sql-text.ts';
import { firstRecord, linesOf } from './csv-lines.ts';
import { compressionOf, type FileReading, literal } from '../reader-call.ts';

/** Options that say nothing of how a single file is written. */
const NOT_OF_A_FILE = [
  'hive_partitioning',
  'hive_types',
  'hive_types_autocast',
  'union_by_name',
  'filename',
  'files_to_sniff',
  'buffer_size',
  'parallel',
];

/** Lines in which the header is looked for, and quotes. */
const LOOKED_AT = 1000;

/** How the first of a source's files is read; null where DuckDB finds no way, or a user's columns leave none to find. */
export async function findDialect(session: ExecutionSession, reading: FileReading): Promise<CsvDialect | null> {
  const [file] = reading.files;
  if (!file || file.size === 0) return null;
  const row = await sniff(session, reading, file.absolute);
  if (row === null) return null;
  const [delim, quote, escape, comment, skip, header, names, dateFormat, timestampFormat] = row;
  const lines = await linesOf(session, reading, { file, limit: Number(skip) + LOOKED_AT }).catch(() => null);
  if (lines === null) return null;
  const marks = { quote: textOrNull(quote), escape: textOrNull(escape) };
  // Without a quote in the file nothing is known of them; with one, they are no quotes.
  const unquoted = marks.quote === null && lines.some(line => line.includes('"'));
  const separators = { delim: String(delim), quote: unquoted ? '' : marks.quote, escape: marks.escape };
  const fields = header === true ? firstRecord(lines.slice(Number(skip)), separators) : [];
  const columns = columnsOf(names).map((column, index) => ({ ...column, field: fields[index] ?? column.name }));
  return {
    ...separators,
    comment: textOrNull(comment),
    skip: Number(skip),
    header: header === true,
    dateFormat: textOrNull(dateFormat),
    timestampFormat: textOrNull(timestampFormat),
    columns,
  };
}

const FOUND =
  '"Delimiter", "Quote", "Escape", "Comment", "SkipRows", "HasHeader", "Columns", "DateFormat", "TimestampFormat"';

async function sniff(
  session: ExecutionSession,
  reading: FileReading,
  path: string,
): Promise<readonly unknown[] | null> {
  const options = { ...compressionOf(reading), ...reading.options };
  const given = Object.entries(options).filter(([name]) => !NOT_OF_A_FILE.includes(name));
  const texts = given.map(([name, value]) => `, ${name} = ${literal(value)}`);
  try {
    const call = `sniff_csv(${quoteText(literalPath(path))}${texts.join('')})`;
    const [row] = await session.rows(`SELECT ${FOUND} FROM ${call}`);
    return row ?? null;
  } catch {
    return null;
  }
}

const textOrNull = (value: unknown): string | null =>
  typeof value !== 'string' || value === '' || value === '(empty)' ? null : value;

/** A list of structs, as JSON values. */
const columnsOf = (value: unknown): readonly Column[] => (Array.isArray(value) ? value.flatMap(columnOf) : []);

function columnOf(value: unknown): readonly Column[] {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('type' in value)) return [];
  return [{ name: String(value.name), type: String(value.type) }];
}
