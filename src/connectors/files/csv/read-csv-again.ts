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
