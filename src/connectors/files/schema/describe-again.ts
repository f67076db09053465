import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import { compareSchemas } from '../../../core/plan/compare-schemas.ts';
import type { Json } from '../../../core/json.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { DescribedColumns } from '../../../engine/execution/stored-columns.ts';
import { emptyColumns, isInteger, retypedColumns } from './column-types.ts';
import { exactCall, firstFraction, guidedCall, inspectHeaders, type KnownCsv } from '../csv/csv-again.ts';
import { type EarlierReading, type FileReading, namesCall, readerCall } from '../reader-call.ts';
import type { LostColumn, RetypedColumn, SchemaChange } from './schema-change.ts';

/** How a source's files are to be read now, and how they differ from what they were. */
export interface Again {
  /** Empty for files that are not read. */
  readonly query: string;
  /** Left out where the query says it. */
  readonly columns?: readonly Column[];
  readonly dialect: CsvDialect | null;
  readonly change: SchemaChange | null;
}

/** Whether the next reading may go by the dialect of the last one: options that already fix it, or let lines be of any length, leave nothing to remember. */
export const remembersDialect = ({ source, options, schema }: FileReading): boolean =>
  source === 'csv' &&
  options['columns'] === undefined &&
  options['auto_detect'] !== false &&
  options['null_padding'] !== true &&
  options['strict_mode'] !== false &&
  (schema === null || options['header'] !== false);

/** CSV files under the dialect of the last reading; null where that is given up, as `evolve` allows. */
export async function readCsvAgain(
  session: ExecutionSession,
  reading: FileReading,
  earlier: EarlierReading & { readonly dialect: CsvDialect },
): Promise<Again | null> {
  const known = await inspectHeaders(session, reading, earlier.dialect);
  const { delimiter, lost } = known.change;
  const none = lost.length === earlier.dialect.columns.length;
  if (reading.onSchemaChange === 'evolve' && (delimiter !== null || none)) return null;
  if (delimiter !== null)
    return { query: readerCall({ ...reading, schema: null }), dialect: known.dialect, change: known.change };
  if (known.columns.length === 0) return { query: '', columns: [], dialect: known.dialect, change: known.change };
  const found = await typesFound(session, reading, known);
  const typed = typedColumns(known, found, earlier);
  const retyped = await retypedIn(session, reading, { known, typed, found });
  const columns = typed.map(column => ({
    ...column,
    type: retyped.find(({ name }) => name === column.name)?.to ?? column.type,
  }));
  const change = { ...known.change, retyped };
  // Files of different columns may be refused by DuckDB itself; those that lost some are not read at all.
  if (!known.even && lost.length > 0 && reading.onSchemaChange === 'fail')
    return { query: '', columns, dialect: known.dialect, change };
  return {
    query: callOf(reading, known)(columns),
    dialect: { ...known.dialect, columns },
    change: lost.length + retyped.length > 0 ? change : null,
  };
}

type FileColumn = CsvDialect['columns'][number];

/** What DuckDB makes of the values, by lower-case name; empty where it finds no way to read all lines. */
async function typesFound(
  session: ExecutionSession,
  reading: FileReading,
  known: KnownCsv,
): Promise<ReadonlyMap<string, string>> {
  try {
    const computed = await session.computedColumns(guidedCall(reading, known.dialect));
    return new Map(computed.map(({ name, type }) => [name.toLowerCase(), type]));
  } catch {
    return new Map();
  }
}

/** What DuckDB takes a column for that holds no value. */
const UNKNOWN = 'VARCHAR';

/** Types stay what they were; those of columns that came, or had no value so far, are what DuckDB finds. */
const typedColumns = (
  { columns, added }: KnownCsv,
  found: ReadonlyMap<string, string>,
  { rows }: EarlierReading,
): readonly FileColumn[] =>
  columns.map(column => {
    const open = (rows === 0 && column.type === UNKNOWN) || added.includes(column.name);
    return open ? { ...column, type: found.get(column.name.toLowerCase()) ?? column.type } : column;
  });

async function retypedIn(
  session: ExecutionSession,
  reading: FileReading,
  {
    known,
    typed,
    found,
  }: {
    readonly known: KnownCsv;
    readonly typed: readonly FileColumn[];
    readonly found: ReadonlyMap<string, string>;
  },
): Promise<readonly RetypedColumn[]> {
  if (found.size === 0) return [];
  const retyped = await retypedColumns(session, reading, { before: typed, found, call: callOf(reading, known) });
  return Promise.all(
    retyped.map(async column => {
      const { name, from, line } = column;
      if (line !== null || !known.even || !isInteger(from)) return column;
      return { ...column, ...(await firstFraction(session, reading, { known, name })) };
    }),
  );
}

/** Files of one header can be read with nothing left to find out; others are left to DuckDB, which matches them by name. */
const callOf =
  (reading: FileReading, known: KnownCsv) =>
  (types: readonly Column[]): string => {
    if (known.even) return exactCall(reading, known.dialect, types);
    const all = reading.options['union_by_name'] === true;
    const given = all ? types : types.filter(({ name }) => known.shared.includes(name));
    return guidedCall(reading, known.dialect, given);
  };

/** Files of any kind that were read as if nothing was known of them: what differs from the last reading. */
export async function compareAgain(
  session: ExecutionSession,
  reading: FileReading,
  {
    query,
    described,
    earlier,
  }: {
    readonly query: string;
    readonly described: DescribedColumns;
    readonly earlier: EarlierReading;
  },
): Promise<{ readonly query: string; readonly change: SchemaChange | null }> {
  if (reading.schema !== null) return { query, change: null };
  const difference = compareSchemas(earlier.columns, described.columns);
  const before = earlier.columns.filter(({ name }) =>
    difference.retyped.some(column => column.name.toLowerCase() === name.toLowerCase()),
  );
  if (!earlier.sameDefinition)
    return { query: await keepingEmpty(session, reading, { query, described, before }), change: null };
  const kept = await keepTypes(session, reading, { query, described, before });
  const lost = await Promise.all(
    difference.removed.map(async name => ({
      name,
      type: earlier.columns.find(column => column.name === name)?.type ?? '',
      ...(await fileWithout(session, reading, name)),
    })),
  );
  const retyped = kept.retyped.filter(({ from }) => earlier.rows > 0 || from !== UNKNOWN);
  const change = lost.length + retyped.length > 0 ? { lost, retyped, delimiter: null } : null;
  return { query: kept.query, change };
}

interface Retyping {
  readonly query: string;
  readonly described: DescribedColumns;
  /** Columns that had another type. */
  readonly before: readonly Column[];
}

/** A column without any value has no type of its own: it keeps the one that it had. */
async function keepingEmpty(
  session: ExecutionSession,
  reading: FileReading,
  { query, described, before }: Retyping,
): Promise<string> {
  if (before.length === 0 || !mayType(reading, before)) return query;
  const empty = await emptyColumns(session, query, before);
  return empty.length === 0 ? query : typedCall(reading, described, empty);
}

async function keepTypes(
  session: ExecutionSession,
  reading: FileReading,
  { query, described, before }: Retyping,
): Promise<{ readonly query: string; readonly retyped: readonly RetypedColumn[] }> {
  if (before.length === 0) return { query, retyped: [] };
  const found = new Map(described.columns.map(({ name, type }) => [name.toLowerCase(), type]));
  if (!mayType(reading, before)) {
    const file = reading.files[0]?.path ?? '';
    const retyped = before.map(({ name, type }) => ({
      ...{ name, from: type, to: found.get(name.toLowerCase()) ?? '', file, line: null, value: null },
    }));
    return { query, retyped };
  }
  const call = (types: readonly Column[]): string => typedCall(reading, described, types);
  const retyped = await retypedColumns(session, reading, { before, found, call });
  const kept = before.filter(({ name }) => !retyped.some(column => column.name === name));
  return { query: kept.length === 0 ? query : call(kept), retyped };
}

/** Whether types can be given to a reader: Parquet files have their own, and so has what the user gave one. */
function mayType({ source, options }: FileReading, columns: readonly Column[]): boolean {
  if (source === 'parquet' || options['all_varchar'] === true || options['columns'] !== undefined) return false;
  const given = ['types', 'dtypes', 'column_types'].map(name => JSON.stringify(options[name] ?? '').toLowerCase());
  return columns.every(({ name }) => given.every(text => !text.includes(JSON.stringify(name.toLowerCase()))));
}

function typedCall(reading: FileReading, described: DescribedColumns, types: readonly Column[]): string {
  const wanted = new Map(types.map(({ name, type }) => [name.toLowerCase(), type]));
  const entries = (columns: readonly Column[]): Record<string, Json> =>
    Object.fromEntries(columns.map(({ name, type }) => [name, wanted.get(name.toLowerCase()) ?? type]));
  const options =
    reading.source === 'csv'
      ? { types: entries(described.computed.filter(({ name }) => wanted.has(name.toLowerCase()))) }
      : { columns: entries(described.computed) };
  return readerCall({ ...reading, options: { ...reading.options, ...options } });
}

/** The first of the files that lacks a column. */
async function fileWithout(
  session: ExecutionSession,
  reading: FileReading,
  name: string,
): Promise<Pick<LostColumn, 'file' | 'line' | 'instead' | 'empty'>> {
  const nowhere = { line: null, instead: null, empty: false };
  for (const file of reading.files) {
    const computed = await session.computedColumns(namesCall({ ...reading, files: [file] }));
    const has = computed.some(column => column.name.toLowerCase() === name.toLowerCase());
    if (has) continue;
    return { file: file.path, ...nowhere, empty: await isEmpty(session, { ...reading, files: [file] }) };
  }
  return { file: reading.files[0]?.path ?? '', ...nowhere };
}

/** Whether JSON files hold no value at all. */
const isEmpty = async (session: ExecutionSession, reading: FileReading): Promise<boolean> =>
  reading.source.startsWith('json') && (await session.rows(`${namesCall(reading)} LIMIT 1`)).length === 0;
