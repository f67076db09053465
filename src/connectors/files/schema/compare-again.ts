import { compareSchemas } from '../../../core/plan/changes/compare-schemas.ts';
import type { Json } from '../../../core/json.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import type { EarlierReading } from '../../../core/plan/sources/source-inspection.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { DescribedColumns } from '../../../engine/execution/stored-columns.ts';
import { emptyColumns, retypedColumns, UNKNOWN } from './column-types.ts';
import { type FileReading, namesCall, readerCall } from '../reader-call.ts';
import type { LostColumn, RetypedColumn, SchemaChange } from './schema-change.ts';

/** Compares files that were described from scratch with the last reading; keeps earlier types where they still fit. */
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
  /** Columns whose type differed before. */
  readonly before: readonly Column[];
}

/** Keeps the earlier type of columns without values. */
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

/** Whether the reader accepts types for these columns; not for Parquet, nor where the user sets types. */
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

/** The first file that lacks a column. */
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

/** Whether JSON files contain no values. */
const isEmpty = async (session: ExecutionSession, reading: FileReading): Promise<boolean> =>
  reading.source.startsWith('json') && (await session.rows(`${namesCall(reading)} LIMIT 1`)).length === 0;
