import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import type { EarlierReading } from '../../../core/plan/sources/source-inspection.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { isInteger, retypedColumns, UNKNOWN } from '../schema/column-types.ts';
import { exactCall, guidedCall } from './csv-calls.ts';
import { firstFraction } from './first-fraction.ts';
import { inspectHeaders, type KnownCsv } from './known-csv.ts';
import { type FileReading, readerCall } from '../reader-call.ts';
import type { RetypedColumn, SchemaChange } from '../schema/schema-change.ts';

/** How to read a source's files now, and how they differ from the last reading. */
export interface Again {
  /** Empty if the files must not be read. */
  readonly query: string;
  /** Omitted if DuckDB has to be asked for the query's columns. */
  readonly columns?: readonly Column[];
  readonly dialect: CsvDialect | null;
  readonly change: SchemaChange | null;
}

/** Whether the next reading can use this one's dialect; not if options fix it or allow lines of any length. */
export const remembersDialect = ({ source, options, schema }: FileReading): boolean =>
  source === 'csv' &&
  options['columns'] === undefined &&
  options['auto_detect'] !== false &&
  options['null_padding'] !== true &&
  options['strict_mode'] !== false &&
  (schema === null || options['header'] !== false);

/** Reads CSV files with the last dialect; null if it no longer fits and `evolve` allows a new one. */
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
  // Files without some columns are not read: DuckDB might refuse them with an error of its own.
  if (!known.even && lost.length > 0 && reading.onSchemaChange === 'fail')
    return { query: '', columns, dialect: known.dialect, change };
  return {
    query: callOf(reading, known)(columns),
    dialect: { ...known.dialect, columns },
    change: lost.length + retyped.length > 0 ? change : null,
  };
}

type FileColumn = CsvDialect['columns'][number];

/** The types that DuckDB detects, by lower-case name; empty if it cannot read all lines. */
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

/** Keeps the earlier types; new columns, and columns that had no values so far, get the detected type. */
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

/** Files with the same header are read without detection; otherwise DuckDB matches the columns by name. */
const callOf =
  (reading: FileReading, known: KnownCsv) =>
  (types: readonly Column[]): string => {
    if (known.even) return exactCall(reading, known.dialect, types);
    const all = reading.options['union_by_name'] === true;
    const given = all ? types : types.filter(({ name }) => known.shared.includes(name));
    return guidedCall(reading, known.dialect, given);
  };
