import type { Column } from '../../../core/definition/nodes/node.ts';
import type { Connection } from '../../../engine/duckdb.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import { type ColumnReading, RELATION } from '../types/column-reading.ts';
import { transportName } from '../types/value-marker.ts';
import { serverQuery } from './reader-transaction.ts';
import type { Relation } from './relation.ts';

/** What a reader needs to read a relation. */
export interface RelationReading {
  readonly connection: Connection;
  readonly relation: Relation;
  readonly readings: readonly ColumnReading[];
  readonly signal: AbortSignal;
}

/** A query of DuckDB for the rows of a relation; `rest` follows FROM in the server's query. */
export function rowsOf({ relation, readings }: Pick<RelationReading, 'relation' | 'readings'>, rest = ''): string {
  const server = readings.map((reading, index) => `${reading.server} AS ${transportName(index)}`);
  const sql = `SELECT ${server.join(', ')} FROM ${relation.sql} AS ${RELATION}${rest}`;
  const stage = readings.map(reading => `CAST(${reading.stage} AS ${reading.type}) AS ${quoteName(reading.name)}`);
  return `SELECT ${stage.join(', ')} FROM ${serverQuery(sql)}`;
}

/** The columns that `rowsOf` returns. */
export const computedOf = (readings: readonly ColumnReading[]): readonly Column[] =>
  readings.map(({ name, type }) => ({ name, type }));

/**
 * Rows of a row group. One thread receives and encodes: with half of DuckDB's default it does not wait for memory, and
 * reading takes about 0.7 of the time.
 */
export const ROW_GROUP = 61_440;
