import type { Column } from '../core/project/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import {
  type DescribedColumns,
  type ExecutionSession,
  storedColumns,
  type WrittenTable,
} from '../engine/execution-session.ts';
import { quoteName } from '../engine/sql-text.ts';
import { partitionColumns } from './partitions.ts';
import { type FileReading, namesCall, readerCall } from './reader-call.ts';
import { checkFiles, checkNames, checkTypes } from './check-files.ts';
import { unreadable } from './unreadable.ts';

/** How a source is read, and what that gives: true for as long as its files are what they were. */
export interface DescribedSource extends DescribedColumns {
  readonly query: string;
}

/** Looks at a source's files no further than it takes to tell its columns. */
export async function describeSource(session: ExecutionSession, reading: FileReading): Promise<DescribedSource> {
  return refusing(session, reading, async () => {
    const query = await enforced(session, reading);
    const computed = await session.computedColumns(query);
    checkNames(reading, computed);
    checkTypes(reading, computed);
    return { query, computed, columns: storedColumns(computed) };
  });
}

/** Reads a source whole, into a file that is not there yet. */
export async function readSource(
  session: ExecutionSession,
  { query, computed }: DescribedSource,
  reading: FileReading & { readonly into: string; readonly signal: AbortSignal },
): Promise<WrittenTable> {
  const { into, signal } = reading;
  return refusing(session, reading, () => session.writeRows({ query, columns: computed, into, signal }));
}

/** The query of a source, for looking at some of its rows. */
export async function sourceQuery(session: ExecutionSession, reading: FileReading): Promise<string> {
  return refusing(session, reading, () => enforced(session, reading));
}

/** With a schema the columns are exactly those, in its order and with its types. */
async function enforced(session: ExecutionSession, reading: FileReading): Promise<string> {
  checkFiles(reading);
  const { schema } = reading;
  if (schema === null) return readerCall(reading);
  const names = await namesIn(session, reading);
  if (names === null) return `SELECT ${schema.map(emptyColumn).join(', ')} WHERE false`;
  const found = new Map(names.map(name => [name.toLowerCase(), name]));
  const wanted = new Set(schema.map(column => column.name.toLowerCase()));
  const missing = schema.filter(column => !found.has(column.name.toLowerCase())).map(column => column.name);
  const spare = new Set(sparePartitions(reading).map(key => key.toLowerCase()));
  const extra = [...found].filter(([key]) => !wanted.has(key) && !spare.has(key)).map(([, name]) => name);
  if (missing.length + extra.length > 0) throw schemaMismatch(reading, missing, extra);
  const inFiles = schema.map(({ name, type }) => ({ name: found.get(name.toLowerCase()) ?? name, type }));
  const columns = inFiles.map(
    ({ name, type }, index) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(schema[index]?.name ?? name)}`,
  );
  return `SELECT ${columns.join(', ')} FROM (${readerCall({ ...reading, schema: inFiles })})`;
}

/** What the columns are called in the files; null where JSON files hold nothing, which any schema fits. */
async function namesIn(session: ExecutionSession, reading: FileReading): Promise<readonly string[] | null> {
  if (reading.source === 'csv' && reading.files.every(file => file.size === 0)) return [];
  const call = namesCall(reading);
  const names = (await session.computedColumns(call)).map(column => column.name);
  const added = new Set(partitionColumns(reading));
  const inFiles = names.filter(name => !added.has(name));
  if (!holdsNoKey(reading, inFiles)) return names;
  return (await session.rows(`${call} LIMIT 1`)).length === 0 ? null : [];
}

/** Columns of folders that nobody asked for: a schema may leave them out. */
const sparePartitions = (reading: FileReading): readonly string[] =>
  reading.options['hive_partitioning'] === true ? [] : partitionColumns(reading);

/** DuckDB then has one column of its own. */
const holdsNoKey = ({ source, schema }: FileReading, [name, ...more]: readonly string[]): boolean =>
  (source === 'json' || source === 'jsonl') && name === 'json' && more.length === 0 && !schema?.some(is('json'));

const is =
  (name: string) =>
  (column: Column): boolean =>
    column.name.toLowerCase() === name;

const emptyColumn = ({ name, type }: Column): string => `CAST(NULL AS ${type}) AS ${quoteName(name)}`;

function schemaMismatch({ id }: FileReading, missing: readonly string[], extra: readonly string[]): ToolError {
  const parts = [
    ...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`with ${extra.join(', ')}, which the schema does not name`] : []),
  ];
  return new ToolError('schema-mismatch', `The data of ${id} come ${parts.join(' and ')}.`, {
    hint: "Make `schema` say what the files hold, or leave it out to take the reader's names and types.",
  });
}

/** What DuckDB says of the files while something reads them is the user's to mend. */
export async function refusing<T>(session: ExecutionSession, reading: FileReading, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ToolError ? error : await unreadable(session, reading, error);
  }
}
