import type { JsonObject } from '../../core/json.ts';
import type { ExecutionSession } from '../../engine/execution/execution-session.ts';
import { quoteName } from '../../engine/sql-text.ts';
import { type FileReading, readerCall } from './reader-call.ts';
import type { SourceFile } from './source-files.ts';

/** Rows that are read as a test. */
const ROWS = 1_000_000;

/** Whether one file can be read with these options and has at least one row. */
export async function canRead(
  session: ExecutionSession,
  reading: FileReading,
  { file, ...other }: { readonly file: SourceFile } & Partial<Pick<FileReading, 'source' | 'options' | 'schema'>>,
): Promise<boolean> {
  const query = castQuery({ ...reading, ...other, files: [file] });
  try {
    const [row] = await session.rows(`SELECT max(hash(t)) FROM (${query} LIMIT ${ROWS}) t`);
    return row?.[0] !== null && row !== undefined;
  } catch {
    return false;
  }
}

function castQuery(reading: FileReading): string {
  const { schema } = reading;
  if (schema === null) return readerCall(reading);
  const columns = schema.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`);
  return `SELECT ${columns.join(', ')} FROM (${readerCall(reading)})`;
}

/** Options with some replaced; undefined removes one. */
export function withOptions(options: JsonObject, changed: Readonly<Record<string, string | undefined>>): JsonObject {
  const all = Object.entries({ ...options, ...changed });
  return Object.fromEntries(all.filter((entry): entry is [string, JsonObject[string]] => entry[1] !== undefined));
}
