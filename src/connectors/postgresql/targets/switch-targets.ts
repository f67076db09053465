import type { PlannedTarget } from '../../../core/plan/targets/target-action.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { PostgresClient } from '../client.ts';
import { advisoryKey } from './advisory-key.ts';
import { carrierOf } from './column-carrier.ts';
import { enterInLedger, isInLedger } from './append-ledger.ts';
import { quoteTable } from './locate-table.ts';
import { moveRows } from './mode-statements.ts';
import { makeTable } from './new-table.ts';
import { createsTable, type LoadedTarget } from './loaded-target.ts';
import type { PostgresDetails } from './plan-target.ts';
import { assertSamePlan } from './same-plan.ts';
import { contextOfPlan, countedWith, surveyTarget } from './survey-target.ts';
import type { TargetSession } from './target-session.ts';

/** A target after its switch. */
export interface SwitchedTarget {
  /** OID of the table as text. */
  readonly id: string | null;
  readonly rows: number;
  readonly seconds: number;
}

/**
 * Switches targets in one transaction, in the order of their names; readers see all of them change at once, or none. Returns
 * the results in the order given. Rows come first and new tables last, because creating a table under its name locks it.
 */
export async function switchTargets(
  session: TargetSession,
  loaded: readonly LoadedTarget[],
): Promise<readonly SwitchedTarget[]> {
  const ordered = loaded.toSorted((a, b) => (a.plan.table.name < b.plan.table.name ? -1 : 1));
  const what = ordered.map(({ plan }) => plan.table.name).join(', ');
  const results = await session.transaction(what, async client => {
    const switched = new Map<LoadedTarget, SwitchedTarget>();
    for (const { plan } of ordered) await lockName(client, plan);
    for (const target of ordered) await checkTarget(client, target);
    const existing = ordered.filter(target => !createsTable(target));
    for (const target of [...existing, ...ordered.filter(createsTable)])
      switched.set(target, await timed(() => switchTarget(client, target)));
    for (const { staging } of ordered) await client.run(`DROP TABLE IF EXISTS ${quoteTable(staging.name)}`);
    return switched;
  });
  // Every target was switched, because a failure throws.
  return loaded.map(target => results.get(target)!);
}

/** Writers of one table wait for one another. */
const lockName = (client: PostgresClient, { details }: PlannedTarget<PostgresDetails>): Promise<number> =>
  client.run(`SELECT pg_advisory_xact_lock(${advisoryKey('table', { schema: details.schema, table: details.table })})`);

async function checkTarget(client: PostgresClient, target: LoadedTarget): Promise<void> {
  const { write, plan } = target;
  if (!createsTable(target)) await client.run(`LOCK TABLE ONLY ${quoteTable(plan.details)} IN ROW EXCLUSIVE MODE`);
  const request = { ...write.request, columns: write.columns };
  const context = contextOfPlan(plan, request);
  const now = await surveyTarget(client, context, countedWith(client));
  if (!(await wasAppendedMeanwhile(client, target))) assertSamePlan(plan, now);
  await checkStaging(client, target);
}

/** Whether another command created the table and appended the same artefact. */
const wasAppendedMeanwhile = async (client: PostgresClient, target: LoadedTarget): Promise<boolean> =>
  createsTable(target) && target.plan.target.mode.kind === 'append' && (await isInLedger(client, target.write));

/** Unlogged tables are empty after a crash of the server, and casts may shorten values without an error. */
async function checkStaging(client: PostgresClient, { write, plan, staging }: LoadedTarget): Promise<void> {
  const limited = staging.columns.filter(column => carrierOf(column).whole !== null);
  const counts = limited.map(column => {
    const { value, whole } = carrierOf(column);
    return `, count(*) FILTER (WHERE (${value})::${column.tableType}::text IS DISTINCT FROM (${whole ?? value})::text)`;
  });
  const [[rows, ...shortened] = []] = await client.rows(
    `SELECT count(*)${counts.join('')} FROM ${quoteTable(staging.name)} AS s`,
  );
  if (Number(rows) !== write.rows) throw lostRows(plan, Number(rows), write.rows);
  limited.forEach((column, index) => {
    const count = Number(shortened[index]);
    if (count === 0) return;
    const message = `Column '${column.name}' of ${plan.node} has values that do not fit ${column.tableType} in ${count} ${count === 1 ? 'row' : 'rows'}.`;
    throw new ToolError('target-value', message, { hint: 'Shorten the values in the query, or widen the column.' });
  });
}

function lostRows({ table }: PlannedTarget, found: number, expected: number): ToolError {
  const message = `${table.name} was not changed: ${found} of ${expected} loaded rows were found.`;
  return new ToolError('staging-lost', message, { hint: 'The server restarted after loading; run the command again.' });
}

async function switchTarget(client: PostgresClient, target: LoadedTarget): Promise<Omit<SwitchedTarget, 'seconds'>> {
  const { write, plan, staging } = target;
  const { mode } = plan.target;
  if (await wasAppendedMeanwhile(client, target)) return { id: await tableId(client, plan), rows: 0 };
  if (createsTable(target)) return { id: await makeTable(client, target), rows: write.rows };
  if (mode.kind === 'append' && !(await enterInLedger(client, write))) return { id: plan.table.id, rows: 0 };
  const move = { from: quoteTable(staging.name), to: quoteTable(plan.details), columns: staging.columns };
  return { id: plan.table.id, rows: await moveRows(client, mode, move) };
}

async function tableId(client: PostgresClient, { details }: PlannedTarget<PostgresDetails>): Promise<string | null> {
  const [[id = null] = []] = await client.rows('SELECT $1::regclass::oid', [quoteTable(details)]);
  return id;
}

async function timed<T>(work: () => Promise<T>): Promise<T & { readonly seconds: number }> {
  const start = performance.now();
  const result = await work();
  return { ...result, seconds: (performance.now() - start) / 1000 };
}
