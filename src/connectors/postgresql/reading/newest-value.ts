import type { Connection } from '../../../engine/duckdb.ts';
import { RELATION } from '../types/column-reading.ts';
import { serverRows } from './reader-transaction.ts';
import type { Relation } from './relation.ts';
import type { TimeColumn } from './time-column.ts';

/** The newest value of a time column. */
export interface NewestValue {
  /** As the server prints it. */
  readonly text: string;
  /** Milliseconds before the server's present time; null for numbers. */
  readonly age: number | null;
}

/** The newest value of a time column, in the connection's transaction; null if no row has one. Times without a zone are UTC. */
export async function newestValue(
  connection: Connection,
  { relation, time, signal }: { readonly relation: Relation; readonly time: TimeColumn; readonly signal: AbortSignal },
): Promise<NewestValue | null> {
  const { value, isFinite, isNumber } = time;
  // A condition, rather than a FILTER, lets the server use an index.
  const newest = `SELECT max(${value}) AS newest FROM ${relation.sql} AS ${RELATION} WHERE ${isFinite}`;
  const age = isNumber ? 'NULL' : 'extract(epoch FROM now() - newest::timestamptz) * 1000';
  const [[text, milliseconds] = []] = await serverRows(
    connection,
    `SELECT newest::text AS c0, (${age})::float8 AS c1 FROM (${newest}) AS n`,
    signal,
  );
  if (typeof text !== 'string') return null;
  return { text, age: milliseconds === null || milliseconds === undefined ? null : Number(milliseconds) };
}
