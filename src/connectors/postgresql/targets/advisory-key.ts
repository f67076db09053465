import { createHash } from 'node:crypto';
import type { TableName } from './locate-table.ts';

/** The key of PostgreSQL's advisory lock for a table or schema; all commands of all projects compute the same one. */
export function advisoryKey(kind: 'table' | 'schema' | 'staging', { schema, table }: TableName): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['seeknal', kind, schema, table]))
    .digest();
  return hash.readBigInt64BE().toString();
}
