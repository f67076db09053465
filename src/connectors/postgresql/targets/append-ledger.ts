import type { TargetWrite } from '../../target-connector.ts';
import type { PostgresClient } from '../client.ts';
import { LEDGER, quoteTable } from './locate-table.ts';
import type { PostgresDetails } from './plan-target.ts';
import { quoteText } from './sql-names.ts';

type Append = Pick<TargetWrite<PostgresDetails>, 'planned' | 'request' | 'artefact' | 'rows'>;

const ledgerOf = ({ planned }: Append): string => quoteTable({ schema: planned.details.schema, table: LEDGER });

/** What identifies an artefact in a table; production has an empty environment, because a key holds no NULL. */
const keyOf = ({ planned, artefact, request: { mark } }: Append): readonly string[] => [
  ...[planned.details.table, artefact, mark.lineage ?? '', mark.environment ?? ''],
];

/** Records that an artefact is appended now; false if it was appended before. */
export async function enterInLedger(client: PostgresClient, write: Append): Promise<boolean> {
  const values = keyOf(write).map(quoteText).join(', ');
  const inserted = await client.run(`
    INSERT INTO ${ledgerOf(write)} ("table", artefact, lineage, environment, rows, written_at)
    VALUES (${values}, ${write.rows}, now()) ON CONFLICT DO NOTHING`);
  return inserted > 0;
}

/** Whether an artefact was appended before. */
export async function isInLedger(client: PostgresClient, write: Append): Promise<boolean> {
  const sql = `
    SELECT FROM ${ledgerOf(write)} WHERE "table" = $1 AND artefact = $2 AND lineage = $3 AND environment = $4
      AND to_regclass($5) IS NOT NULL`;
  return (await client.rows(sql, [...keyOf(write), quoteTable(write.planned.details)])).length > 0;
}

/** Forgets what was appended to a table that does not exist any more. */
export async function clearLedger(client: PostgresClient, write: Append): Promise<void> {
  await client.run(`DELETE FROM ${ledgerOf(write)} WHERE "table" = ${quoteText(write.planned.details.table)}`);
}
