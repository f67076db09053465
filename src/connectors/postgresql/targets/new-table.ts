import type { TargetStep } from '../../../core/plan/targets/target-action.ts';
import type { PostgresClient } from '../client.ts';
import { clearLedger, enterInLedger } from './append-ledger.ts';
import { carrierOf, type TargetColumn } from './column-carrier.ts';
import { quoteTable, type TableName } from './locate-table.ts';
import type { LoadedTarget } from './loaded-target.ts';
import { insertRows, keyColumns } from './mode-statements.ts';
import type { PostgresDetails } from './plan-target.ts';
import { readLost } from './read-facts.ts';
import { tableChanged } from './same-plan.ts';
import { tableComment } from './schema-mark.ts';
import { quoteName, quoteText } from '../../../engine/sql-text.ts';

/** Whether all staged values are final, so that the staging table can become the target. */
export const isFinalStaging = (columns: readonly TargetColumn[]): boolean =>
  columns.every(column => carrierOf(column).isFinal);

/** Creates the table of a target with its rows, in place of the one that the plan drops; its OID as text. */
export async function makeTable(client: PostgresClient, target: LoadedTarget): Promise<string> {
  const { write, plan, staging } = target;
  const name = quoteTable(plan.details);
  const dropped = plan.steps.find(({ kind }) => kind === 'drop-table');
  if (dropped) await dropTable(client, plan, dropped);
  if (staging.isFinal) await rename(client, staging.name, plan.details);
  else await copy(client, target);
  await client.run(`COMMENT ON TABLE ${name} IS ${quoteText(tableComment(write.request.mark))}`);
  if (plan.target.mode.kind === 'append') {
    await clearLedger(client, write);
    await enterInLedger(client, write);
  }
  const [[id] = []] = await client.rows('SELECT $1::regclass::oid', [name]);
  return id ?? '';
}

/** Drops the planned table with what was announced; others may have come to depend on it while rows were moved. */
async function dropTable(
  client: PostgresClient,
  { details, table }: LoadedTarget['plan'],
  step: TargetStep,
): Promise<void> {
  const name = quoteTable(details);
  await client.run(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`);
  const [[id = null] = []] = await client.rows('SELECT $1::regclass::oid', [name]);
  const lost = await readLost(client, table.id ?? '');
  if (id !== table.id || JSON.stringify({ ...step, lost }) !== JSON.stringify(step)) throw tableChanged(table.name);
  await client.run(`DROP TABLE ${name} CASCADE`);
}

async function rename(client: PostgresClient, from: TableName, { table }: PostgresDetails): Promise<void> {
  await client.run(`ALTER TABLE ${quoteTable(from)} RENAME TO ${quoteName(table)}`);
}

async function copy(client: PostgresClient, { plan, staging }: LoadedTarget): Promise<void> {
  const to = quoteTable(plan.details);
  const columns = staging.columns.map(column => `${quoteName(column.tableName)} ${column.tableType}`);
  await client.run(`CREATE TABLE ${to} (${columns.join(', ')})`);
  await client.run(insertRows({ from: quoteTable(staging.name), to, columns: staging.columns }));
  const index = keyIndex({ ...plan, on: to, staging: staging.name });
  if (index !== null) await client.run(index);
}

interface IndexedTable {
  readonly target: LoadedTarget['plan']['target'];
  readonly details: PostgresDetails;
  /** The quoted table to index. */
  readonly on: string;
  readonly staging: TableName;
}

/** `NULLS NOT DISTINCT` exists since this version. */
const NULLS_EQUAL = 150_000;

/** SQL of the unique index that `unique_keys` ask for; null for other modes. Its name is unique in the schema. */
export function keyIndex({ target: { mode }, details, on, staging }: IndexedTable): string | null {
  if (mode.kind !== 'upsert') return null;
  const keys = keyColumns(details.columns ?? [], mode.keys).map(({ tableName }) => quoteName(tableName));
  const name = `${cut(details.table)}${staging.table.slice('_seeknal'.length)}_key`;
  const nulls = details.version >= NULLS_EQUAL ? ' NULLS NOT DISTINCT' : '';
  return `CREATE UNIQUE INDEX ${quoteName(name)} ON ${on} (${keys.join(', ')})${nulls}`;
}

/** The beginning of a name that leaves room for a suffix. */
function cut(name: string): string {
  let short = name;
  while (Buffer.byteLength(short, 'utf8') > 44) short = short.slice(0, -1);
  return short;
}
