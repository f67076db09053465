import { ATTACHED, type AttachedDatabase } from '../../../engine/attached/attached-database.ts';
import type { Connection } from '../../../engine/duckdb.ts';
import { quoteText } from '../../../engine/sql-text.ts';

export interface ReaderPlace {
  readonly signal: AbortSignal;
  /** The snapshot to read; null for a moment of its own. */
  readonly snapshot: string | null;
}

/** How values are printed and texts are sent must not depend on the settings of the database or of the user. */
const PRINTED_AS = [
  "SET LOCAL client_encoding = 'UTF8'",
  "SET LOCAL TimeZone = 'UTC'",
  "SET LOCAL DateStyle = 'ISO, MDY'",
  "SET LOCAL IntervalStyle = 'postgres'",
  "SET LOCAL bytea_output = 'hex'",
  'SET LOCAL extra_float_digits = 3',
].join('; ');

/** Runs `work` in one read-only transaction of the server, which always ends. */
export async function inReaderTransaction<T>(
  database: AttachedDatabase,
  place: ReaderPlace,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  return database.connected(async connection => {
    await connection.run('BEGIN TRANSACTION', place.signal);
    try {
      if (place.snapshot !== null) await execute(connection, `SET TRANSACTION SNAPSHOT ${quoteText(place.snapshot)}`);
      await execute(connection, PRINTED_AS);
      return await work(connection);
    } finally {
      // After a lost connection it fails too; the error of the work says why.
      await connection.run('ROLLBACK').catch(() => undefined);
    }
  });
}

/** Rows of a query on the server, as JSON values. */
export const serverRows = (
  connection: Connection,
  sql: string,
  signal?: AbortSignal,
): Promise<readonly (readonly unknown[])[]> => connection.rows(`FROM ${serverQuery(sql)}`, signal);

/** SQL of DuckDB that runs a query on the server. */
export const serverQuery = (sql: string): string => `postgres_query(${quoteText(ATTACHED)}, ${quoteText(sql)})`;

const execute = (connection: Connection, sql: string): Promise<void> =>
  connection.run(`CALL postgres_execute(${quoteText(ATTACHED)}, ${quoteText(sql)})`);
