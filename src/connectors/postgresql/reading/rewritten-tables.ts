import type { Connection } from '../../../engine/duckdb.ts';
import { serverRows } from './reader-transaction.ts';

/**
 * Tables that the transaction has read and that were truncated, rewritten or made after its snapshot: they look empty in it.
 * The locks of the transaction name what it has read. The catalogue shows the moment of the snapshot, and
 * `pg_relation_filenode` the present.
 */
const REWRITTEN = `SELECT l.relation::regclass::text AS c0
FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND CASE WHEN c.oid IS NULL
  THEN pg_index_has_property(l.relation, 'index_scan') IS NULL AND pg_relation_filenode(l.relation) IS NOT NULL
  ELSE c.relkind IN ('r', 'm') AND c.relfilenode <> 0 AND c.relfilenode <> pg_relation_filenode(c.oid) END
ORDER BY 1`;

/** The names of such tables, after reading. */
export async function rewrittenTables(connection: Connection, signal: AbortSignal): Promise<readonly string[]> {
  return (await serverRows(connection, REWRITTEN, signal)).map(([name]) => String(name));
}
