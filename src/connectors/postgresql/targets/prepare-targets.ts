import type { PlannedTarget, StoreMark } from '../../../core/plan/targets/target-action.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import { advisoryKey } from './advisory-key.ts';
import { LEDGER, quoteTable, type TableName } from './locate-table.ts';
import type { PostgresDetails } from './plan-target.ts';
import { schemaComment } from './schema-mark.ts';
import { quoteText } from './sql-names.ts';
import type { TargetSession } from './target-session.ts';

/**
 * Creates what a target needs beside its rows, each in a short transaction of its own: inside the switch, adding a column
 * would hold up readers until all rows are written.
 */
export async function prepareTarget(
  session: TargetSession,
  plan: PlannedTarget<PostgresDetails>,
  mark: StoreMark,
): Promise<void> {
  const { schema } = plan.details;
  for (const step of plan.steps) {
    if (step.kind === 'create-schema') await createSchema(session, schema, mark);
    if (step.kind === 'add-columns') await addColumns(session, plan, step.columns);
  }
  if (plan.target.mode.kind === 'append') await createLedger(session, schema);
}

async function createSchema(session: TargetSession, schema: string, mark: StoreMark): Promise<void> {
  await session.transaction(`Schema ${schema}`, async client => {
    await client.run(`SELECT pg_advisory_xact_lock(${advisoryKey('schema', { schema, table: '' })})`);
    const existing = await client.rows('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (existing.length > 0) return;
    await client.run(`CREATE SCHEMA ${quoteName(schema)}`);
    if (mark.environment === null) return;
    await client.run(`COMMENT ON SCHEMA ${quoteName(schema)} IS ${quoteText(schemaComment(mark))}`);
  });
}

async function addColumns(
  session: TargetSession,
  { table, details }: PlannedTarget<PostgresDetails>,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<void> {
  const added = columns.map(({ name, type }) => `ADD COLUMN IF NOT EXISTS ${quoteName(name)} ${type}`);
  await session.transaction(table.name, client =>
    client.run(`ALTER TABLE ONLY ${quoteTable(details)} ${added.join(', ')}`),
  );
}

async function createLedger(session: TargetSession, schema: string): Promise<void> {
  const ledger: TableName = { schema, table: LEDGER };
  await session.transaction(`${schema}.${LEDGER}`, async client => {
    await client.run(`SELECT pg_advisory_xact_lock(${advisoryKey('table', ledger)})`);
    await client.run(`CREATE TABLE IF NOT EXISTS ${quoteTable(ledger)} (
      "table" text, artefact text, lineage text, environment text, rows bigint NOT NULL, written_at timestamptz NOT NULL,
      PRIMARY KEY ("table", artefact, lineage, environment))`);
  });
}
