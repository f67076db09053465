import type { TargetRequest } from '../../target-connector.ts';
import type { PlannedTarget, TargetAction } from '../../../core/plan/targets/target-action.ts';
import { endpointOf, type PostgresSettings } from '../settings.ts';
import { locateTable, quoteTable, shownTable } from './locate-table.ts';
import { type PostgresDetails, planTarget } from './plan-target.ts';
import { type CatalogueReader, countRows, readFacts, readLost } from './read-facts.ts';
import { isOurs, mayRecreate, type TargetContext } from './target-context.ts';
import type { RowEstimate, TableFacts } from './target-facts.ts';

/** How a table's rows are counted; it may have to wait for a lock. */
export type RowCounter = (quotedTable: string) => Promise<RowEstimate>;

/** Counts in the transaction of the caller. */
export const countedWith =
  (client: CatalogueReader): RowCounter =>
  quoted =>
    countRows(client, quoted);

/** Where a target is. Throws `target-name` or `name-too-long`. */
export function contextOf(request: TargetRequest, settings: PostgresSettings): TargetContext {
  const { environment } = request.mark;
  const name = locateTable(request.target, { schema: settings.schema, environment });
  return { request, name, endpoint: endpointOf(settings), shown: shownTable(name) };
}

/** The same for a target that is located: the write of several connections to one server runs through one of them. */
export const contextOfPlan = (
  { details: { schema, table }, table: { endpoint, name: shown } }: PlannedTarget<PostgresDetails>,
  request: TargetRequest,
): TargetContext => ({ request, name: { schema, table }, endpoint, shown });

/** Plans a target from what the server says now. */
export async function surveyTarget(
  client: CatalogueReader,
  context: TargetContext,
  count: RowCounter,
): Promise<TargetAction<PostgresDetails>> {
  const facts = await readFacts(client, context.name);
  if (facts.table === null) return planTarget(facts, context);
  const rows = needsCount(facts.table, context) ? await count(quoteTable(context.name)) : null;
  const lost = mayRecreate(context) ? await readLost(client, facts.table.id) : [];
  return planTarget({ ...facts, table: { ...facts.table, rows, lost } }, context);
}

/** The rows of a table matter if the store did not write it and the user does not say that writing it is meant. */
const needsCount = (table: TableFacts, context: TargetContext): boolean =>
  table.kind === 'r' &&
  table.privileges.includes('SELECT') &&
  context.request.target.createTable &&
  !isOurs(context, table);
