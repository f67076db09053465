import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { firstRecord, linesOf } from './csv-lines.ts';
import { findDialect } from './find-dialect.ts';
import type { FileReading } from '../reader-call.ts';
import type { LostColumn, SchemaChange } from '../schema/schema-change.ts';
import type { SourceFile } from '../source-files.ts';

type FileColumn = CsvDialect['columns'][number];

/** CSV files, read with the dialect of an earlier reading. */
export interface KnownCsv {
  readonly dialect: CsvDialect;
  /** The current columns of the files; the types of new ones are not yet known. */
  readonly columns: readonly FileColumn[];
  /** Names of new columns. */
  readonly added: readonly string[];
  readonly change: SchemaChange;
  /** Names of columns that every file has. */
  readonly shared: readonly string[];
  /** Whether all files have the same columns in the same order, so that they can be passed to the reader. */
  readonly even: boolean;
}

const NO_CHANGE: SchemaChange = { lost: [], retyped: [], delimiter: null };

/** Compares the files' headers with an earlier dialect; reads nothing else. */
export async function inspectHeaders(
  session: ExecutionSession,
  reading: FileReading,
  dialect: CsvDialect,
): Promise<KnownCsv> {
  const headers: Header[] = [];
  // The reader also skips empty files.
  const filled = reading.files.filter(file => file.size > 0);
  for (const file of filled.length > 0 ? filled : reading.files)
    headers.push(await headerOf(session, reading, { file, dialect }));
  const lost = lostColumns(headers, dialect, reading.options['union_by_name'] === true);
  if (lost.length > 0) {
    const other = await otherDialect(session, reading, dialect);
    if (other?.delim === dialect.delim) return inspectHeaders(session, reading, other);
    if (other)
      return {
        ...knownCsv(headers, dialect, []),
        columns: other.columns,
        added: [],
        change: { ...NO_CHANGE, delimiter: { file: lost[0]?.file ?? '', from: dialect.delim, to: other.delim } },
      };
  }
  return knownCsv(headers, dialect, lost);
}

/** A newly detected dialect in which the earlier columns are found again; null if there is none. */
async function otherDialect(
  session: ExecutionSession,
  reading: FileReading,
  dialect: CsvDialect,
): Promise<CsvDialect | null> {
  const found = await findDialect(session, reading);
  if (found === null || !found.header || found.skip + found.delim === dialect.skip + dialect.delim) return null;
  const fields = new Map(found.columns.map(column => [column.field, column]));
  if (dialect.columns.some(column => !fields.has(column.field))) return null;
  const known = new Map(dialect.columns.map(column => [column.field, column]));
  return { ...found, columns: found.columns.map(column => known.get(column.field) ?? column) };
}

interface Header {
  readonly file: SourceFile;
  readonly fields: readonly string[];
}

/** Most lines that a header may span if names contain line breaks. */
const HEADER_LINES = 20;

async function headerOf(
  session: ExecutionSession,
  reading: FileReading,
  { file, dialect }: { readonly file: SourceFile; readonly dialect: CsvDialect },
): Promise<Header> {
  const { skip, header, columns } = dialect;
  const lines = file.size === 0 ? [] : await linesOf(session, reading, { file, limit: skip + HEADER_LINES });
  const below = lines.slice(skip);
  if (below.length === 0) return { file, fields: [] };
  const fields = firstRecord(below, dialect);
  const named = header ? fields : fields.map((_, index) => columns[index]?.field ?? `column${index}`);
  return { file, fields: named };
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function lostColumns(headers: readonly Header[], dialect: CsvDialect, anywhere: boolean): readonly LostColumn[] {
  return dialect.columns.flatMap(({ field, name, type }, index) => {
    const without = headers.filter(header => !header.fields.some(other => same(other, field)));
    const [first] = without;
    if (!first || (anywhere && without.length < headers.length)) return [];
    const other = first.fields[index];
    const instead = other === undefined || dialect.columns.some(column => same(column.field, other)) ? null : other;
    const empty = first.fields.length === 0;
    return [{ name, type, file: first.file.path, line: empty ? null : dialect.skip + 1, instead, empty }];
  });
}

function knownCsv(headers: readonly Header[], dialect: CsvDialect, lost: readonly LostColumn[]): KnownCsv {
  const [first] = headers;
  const even = headers.every(({ fields }) => fields.join('\u0000') === first?.fields.join('\u0000'));
  const columns: FileColumn[] = [];
  const added: string[] = [];
  const shared: string[] = [];
  for (const field of [...new Set(even ? (first?.fields ?? []) : headers.flatMap(header => header.fields))]) {
    const before = dialect.columns.find(column => same(column.field, field));
    const written = before === undefined || before.field === field ? before?.name : field;
    const name = distinct(written ?? (field.trim() || `column${columns.length}`), columns);
    if (!before) added.push(name);
    columns.push({ field, name, type: before?.type ?? 'VARCHAR' });
    if (headers.every(header => header.fields.includes(field))) shared.push(name);
  }
  const repeated = even && new Set(first?.fields).size < (first?.fields.length ?? 0);
  return { dialect, columns, added, shared, even: even && !repeated, change: { ...NO_CHANGE, lost } };
}

/** Numbers columns of the same name as DuckDB does. */
function distinct(name: string, taken: readonly Column[]): string {
  const isTaken = (text: string): boolean => taken.some(column => same(column.name, text));
  if (!isTaken(name)) return name;
  for (let count = 1; ; count += 1) if (!isTaken(`${name}_${count}`)) return `${name}_${count}`;
}
