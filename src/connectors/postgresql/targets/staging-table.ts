import { randomBytes } from 'node:crypto';
import type { StoreMark } from '../../../core/plan/targets/target-action.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { PostgresClient } from '../client.ts';
import { advisoryKey } from './advisory-key.ts';
import { carrierOf, type TargetColumn } from './column-carrier.ts';
import { quoteTable, type TableName } from './locate-table.ts';
import { stagingComment } from './schema-mark.ts';
import { quoteText } from './sql-names.ts';
import type { TargetSession } from './target-session.ts';

/** A name for a staging table that no other has. */
export const newStagingName = (schema: string): TableName => ({
  schema,
  table: `_seeknal_${randomBytes(6).toString('hex')}`,
});

/** A staging table to create. */
export interface StagingTable {
  readonly name: TableName;
  readonly columns: readonly TargetColumn[];
  /** Whether it becomes the target itself. */
  readonly isFinal: boolean;
  readonly mark: StoreMark;
}

/** SQL that creates a staging table. One that becomes the target must survive a crash of the server. */
export function createStaging({ name, columns, isFinal, mark }: StagingTable): string {
  const definitions = columns.map(column => `${quoteName(column.tableName)} ${carrierOf(column).staged}`);
  return `
    CREATE ${isFinal ? '' : 'UNLOGGED '}TABLE ${quoteTable(name)} (${definitions.join(', ')});
    COMMENT ON TABLE ${quoteTable(name)} IS ${quoteText(stagingComment(mark))}`;
}

const KEEP_ALIVE_MS = 2000;

/**
 * Runs `work` while staging tables of these names count as alive. A transaction holds their locks, because a pooler keeps
 * nothing else; a statement from time to time keeps the transaction from being ended as idle.
 */
export async function keepingAlive<T>(
  client: PostgresClient,
  names: readonly TableName[],
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => void client.run('SELECT 1').catch(() => undefined), KEEP_ALIVE_MS);
  try {
    await client.run('BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY');
    for (const name of names) await client.run(`SELECT pg_advisory_xact_lock(${advisoryKey('staging', name)})`);
    return await work();
  } finally {
    clearInterval(timer);
    await client.run('ROLLBACK').catch(() => undefined);
    await client.close();
  }
}

const LEFT = `
  SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname ~ '^_seeknal_[0-9a-f]{12}$' AND c.relkind = 'r'
    AND obj_description(c.oid, 'pg_class') = $2`;

/** Drops the staging tables in a schema that commands of this store left when they died. */
export async function dropLeftStagings(session: TargetSession, schema: string, mark: StoreMark): Promise<void> {
  const client = await session.client();
  const rows = await client.rows(LEFT, [schema, stagingComment(mark)]);
  for (const [table] of rows) if (table) await dropIfDead(session, { schema, table });
}

async function dropIfDead(session: TargetSession, name: TableName): Promise<void> {
  await inShortTransaction(session, async client => {
    const [[isDead] = []] = await client.rows(`SELECT pg_try_advisory_xact_lock(${advisoryKey('staging', name)})`);
    if (isDead === 't') await client.run(`DROP TABLE IF EXISTS ${quoteTable(name)}`);
  });
}

/** Drops a staging table of this command; if that fails, the next command does it. */
export async function dropStaging(session: TargetSession, name: TableName): Promise<void> {
  await inShortTransaction(session, client => client.run(`DROP TABLE IF EXISTS ${quoteTable(name)}`));
}

async function inShortTransaction(session: TargetSession, work: (client: PostgresClient) => Promise<unknown>) {
  try {
    const client = await session.client();
    await client.transaction('ISOLATION LEVEL READ COMMITTED, READ WRITE', async () => {
      await client.run(`SET LOCAL lock_timeout = '1s'`);
      await work(client);
    });
  } catch {
    // What is left is dropped by a later command.
  }
}
