import { sha256Hex } from '../core/canonical-json.ts';
import type { Column } from '../core/project/node.ts';
import type { Connection } from './duckdb.ts';
import { exactParts } from './exact-hash.ts';
import { parquetOf } from './sql-text.ts';

export interface ContentIdentity {
  /** Equal for equal rows in any order, or in the same one where `ordered`. */
  readonly identity: string;
  readonly rows: number;
}

export interface IdentityScope {
  readonly columns: readonly Column[];
  /** Rows count as equal only in the same places. */
  readonly ordered?: boolean;
}

/**
 * What a Parquet file holds in some columns, as a text: names and types, the number of rows, and the sum of the rows'
 * hashes. Values that DuckDB's `=` confuses but a query could tell apart are hashed as texts, or with their sign.
 */
export async function identityOfParquet(
  connection: Connection,
  path: string,
  { columns, ordered = false }: IdentityScope,
  signal?: AbortSignal,
): Promise<ContentIdentity> {
  const sorted = [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts = [...sorted.flatMap(exactParts).map(part => part.sql), ...(ordered ? ['file_row_number'] : [])];
  const sum = parts.length === 0 ? '0' : `sum(hash(${parts.join(', ')})::HUGEINT)::VARCHAR`;
  const from = parquetOf(path, ordered ? ', file_row_number = true' : '');
  const [[rows, hashes] = []] = await connection.rows(`SELECT count(*)::VARCHAR, ${sum} FROM ${from}`, signal);
  const schema = sorted.map(column => [column.name, column.type]);
  const text = JSON.stringify([schema, ordered, String(rows), hashes ?? null]);
  return { identity: sha256Hex(text).slice(0, 32), rows: Number(rows) };
}
