import { type CsvDialect, withGiven } from '../../core/definition/options/csv-dialect.ts';
import type { Column } from '../../core/definition/nodes/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { ExecutionSession } from '../../engine/execution/execution-session.ts';
import { type DescribedColumns, storedColumns } from '../../engine/execution/stored-columns.ts';
import type { WrittenTable } from '../../engine/execution/write-file.ts';
import { quoteName } from '../../engine/sql-text.ts';
import { checkContent, checkKind, checkNames, checkTypes } from './check-files.ts';
import { exactCall } from './csv/csv-calls.ts';
import { findDialect } from './csv/find-dialect.ts';
import { inspectHeaders } from './csv/known-csv.ts';
import { type Again, readCsvAgain, remembersDialect } from './csv/read-csv-again.ts';
import { refusing } from './faults/refusing.ts';
import { partitionColumns } from './partitions.ts';
import { type FileReading, namesCall, readerCall } from './reader-call.ts';
import { compareAgain } from './schema/compare-again.ts';
import { type SchemaChange, schemaChanged } from './schema/schema-change.ts';
import { refuseSwallowed } from './csv/swallowed-lines.ts';

/** How a source is read and the columns that it yields; valid while its files do not change. */
export interface DescribedSource extends DescribedColumns {
  readonly query: string;
  /** The dialect for the next reading; null if the source is not CSV or needs no detection. */
  readonly dialect: CsvDialect | null;
  /** Columns that were lost or changed type since the last reading with the same definition. */
  readonly change: SchemaChange | null;
}

/** Finds the columns of a source and how they differ from the last reading; reads as little as possible. */
export async function describeSource(session: ExecutionSession, reading: FileReading): Promise<DescribedSource> {
  return refusing(session, reading, async () => {
    checkKind(reading);
    const again = await describeKnown(session, reading);
    return again ? describedAs(session, reading, again) : describeAnew(session, reading);
  });
}

/** Uses the dialect of the last reading; null if there is none or it no longer applies. */
async function describeKnown(session: ExecutionSession, reading: FileReading): Promise<Again | null> {
  const { earlier, schema } = reading;
  if (!earlier?.sameDefinition || earlier.dialect === null || !remembersDialect(reading)) return null;
  const dialect = withGiven(earlier.dialect, reading.options);
  if (schema === null) return readCsvAgain(session, reading, { ...earlier, dialect });
  const known = await inspectHeaders(session, reading, dialect);
  if (known.change.delimiter !== null || !known.even) return null;
  const { lost } = known.change;
  if (lost.length > 0) throw schemaChanged(reading, known.change);
  const columns = known.columns.map(({ name }) => name);
  const query = enforcedColumns(reading, schema, {
    names: columns,
    call: types => exactCall(reading, dialect, inOrder(columns, types)),
  });
  return { query, dialect: { ...dialect, columns: known.columns }, change: null };
}

const inOrder = (names: readonly string[], types: readonly Column[]): readonly Column[] =>
  names.flatMap(name => types.find(column => column.name === name) ?? []);

async function describeAnew(session: ExecutionSession, reading: FileReading): Promise<DescribedSource> {
  const { earlier } = reading;
  const dialect = remembersDialect(reading) ? await findDialect(session, reading) : null;
  if (reading.source === 'csv') await refuseSwallowed(session, reading, dialect);
  const query = await enforced(session, reading);
  const described = await describeQuery(session, reading, query);
  const compared = earlier
    ? await compareAgain(session, reading, { query, described, earlier })
    : { query, change: null };
  const gone = compared.change?.lost.every(({ empty }) => empty) === true;
  // DuckDB invents a column for JSON files without content.
  const nothing = gone && holdsNoKey(reading, namesOf(described.computed)) ? { columns: [] } : {};
  return describedAs(session, reading, { ...compared, ...nothing, dialect });
}

const namesOf = (columns: readonly Column[]): readonly string[] => columns.map(({ name }) => name);

async function describedAs(session: ExecutionSession, reading: FileReading, again: Again): Promise<DescribedSource> {
  const { columns: known } = again;
  const described = known ? { computed: known, columns: known } : await describeQuery(session, reading, again.query);
  const types = new Map(described.computed.map(({ name, type }) => [name, type]));
  const columns = again.dialect?.columns.map(column => ({ ...column, type: types.get(column.name) ?? column.type }));
  return { ...again, ...described, dialect: again.dialect && { ...again.dialect, columns: columns ?? [] } };
}

/** Throws for column names and types that cannot be stored. */
async function describeQuery(
  session: ExecutionSession,
  reading: FileReading,
  query: string,
): Promise<DescribedColumns> {
  const computed = await session.computedColumns(query);
  checkNames(reading, computed);
  checkTypes(reading, computed);
  return { computed, columns: storedColumns(computed) };
}

/** Reads a whole source into a file that does not exist yet. */
export async function readSource(
  session: ExecutionSession,
  { query, computed }: Pick<DescribedSource, 'query' | 'computed'>,
  reading: FileReading & { readonly into: string; readonly signal: AbortSignal },
): Promise<WrittenTable> {
  const { into, signal } = reading;
  return refusing(session, reading, () => session.writeRows({ query, columns: computed, into, signal }));
}

/** A query for looking at some rows of a source. */
export async function sourceQuery(session: ExecutionSession, reading: FileReading): Promise<string> {
  return refusing(session, reading, () => {
    checkKind(reading);
    return enforced(session, reading);
  });
}

/** A query of the source; with a schema, it has exactly the schema's columns, order and types. */
async function enforced(session: ExecutionSession, reading: FileReading): Promise<string> {
  const { schema } = reading;
  if (schema === null) return readerCall(reading);
  checkContent(reading);
  const names = await namesIn(session, reading);
  if (names === null) return `SELECT ${schema.map(emptyColumn).join(', ')} WHERE false`;
  return enforcedColumns(reading, schema, { names, call: types => readerCall({ ...reading, schema: types }) });
}

interface NamedColumns {
  /** Names in the files. */
  readonly names: readonly string[];
  /** A query in which the columns have the given types. */
  call(types: readonly Column[]): string;
}

function enforcedColumns(reading: FileReading, schema: readonly Column[], { names, call }: NamedColumns): string {
  const found = new Map(names.map(name => [name.toLowerCase(), name]));
  const wanted = new Set(schema.map(column => column.name.toLowerCase()));
  const missing = schema.filter(column => !found.has(column.name.toLowerCase())).map(column => column.name);
  const optional = new Set(optionalPartitions(reading).map(key => key.toLowerCase()));
  const extra = [...found].filter(([key]) => !wanted.has(key) && !optional.has(key)).map(([, name]) => name);
  if (missing.length + extra.length > 0) throw schemaMismatch(reading, missing, extra);
  const inFiles = schema.map(({ name, type }) => ({ name: found.get(name.toLowerCase()) ?? name, type }));
  const columns = inFiles.map(
    ({ name, type }, index) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(schema[index]?.name ?? name)}`,
  );
  return `SELECT ${columns.join(', ')} FROM (${call(inFiles)})`;
}

/** The column names in the files; null for JSON files without content, which fit any schema. */
async function namesIn(session: ExecutionSession, reading: FileReading): Promise<readonly string[] | null> {
  const call = namesCall(reading);
  const names = namesOf(await session.computedColumns(call));
  const added = new Set(partitionColumns(reading));
  const inFiles = names.filter(name => !added.has(name));
  if (!holdsNoKey(reading, inFiles)) return names;
  return (await session.rows(`${call} LIMIT 1`)).length === 0 ? null : [];
}

/** Partition columns that the user did not request; a schema may omit them. */
const optionalPartitions = (reading: FileReading): readonly string[] =>
  reading.options['hive_partitioning'] === true ? [] : partitionColumns(reading);

/** Whether JSON files have no keys; DuckDB then yields a single column `json`. */
const holdsNoKey = ({ source, schema }: FileReading, [name, ...more]: readonly string[]): boolean =>
  (source === 'json' || source === 'jsonl') && name === 'json' && more.length === 0 && !schema?.some(is('json'));

const is =
  (name: string) =>
  (column: Column): boolean =>
    column.name.toLowerCase() === name;

const emptyColumn = ({ name, type }: Column): string => `CAST(NULL AS ${type}) AS ${quoteName(name)}`;

function schemaMismatch({ id }: FileReading, missing: readonly string[], extra: readonly string[]): ToolError {
  const parts = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`has ${extra.join(', ')}, which the schema does not declare`] : []),
  ];
  return new ToolError('schema-mismatch', `The data of ${id} does not match its schema: it ${parts.join(' and ')}.`, {
    hint: "Correct `schema` to match the files, or remove it to use the reader's names and types.",
  });
}
