import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { literalPath, quoteText } from '../../../engine/sql-text.ts';
import { firstRecord, linesOf } from './csv-lines.ts';
import { compressionOf, type FileReading, literal } from '../reader-call.ts';

/** Options that do not apply to a single file. */
const NOT_PER_FILE = [
  'hive_partitioning',
  'hive_types',
  'hive_types_autocast',
  'union_by_name',
  'filename',
  'files_to_sniff',
  'buffer_size',
  'parallel',
];

/** How many lines are searched for the header and for quotes. */
const SEARCHED_LINES = 1000;

/** Detects the dialect of a source's first file; null if the file is empty or DuckDB finds none. */
export async function findDialect(session: ExecutionSession, reading: FileReading): Promise<CsvDialect | null> {
  const [file] = reading.files;
  if (!file || file.size === 0) return null;
  const row = await sniff(session, reading, file.absolute);
  if (row === null) return null;
  const [delim, quote, escape, comment, skip, header, names, dateFormat, timestampFormat] = row;
  const lines = await linesOf(session, reading, { file, limit: Number(skip) + SEARCHED_LINES }).catch(() => null);
  if (lines === null) return null;
  const marks = { quote: textOrNull(quote), escape: textOrNull(escape) };
  // If no quote was detected although the file contains some, they are ordinary characters.
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
  const given = Object.entries(options).filter(([name]) => !NOT_PER_FILE.includes(name));
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

/** Columns from a JSON list of structs. */
const columnsOf = (value: unknown): readonly Column[] => (Array.isArray(value) ? value.flatMap(columnOf) : []);

function columnOf(value: unknown): readonly Column[] {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('type' in value)) return [];
  return [{ name: String(value.name), type: String(value.type) }];
}
