import type { LocatedTarget } from '../../connectors/target-request.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { sameTable, tableKey } from '../../core/plan/targets/target-refusal.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { TargetPlanTools } from './target-plan-tools.ts';
import { refusedTarget } from './target-mistake.ts';

export interface Meeting {
  readonly environment: EnvironmentName | null;
  readonly located: readonly LocatedTarget[];
}

/** A diagnostic for each target that means the table of another target, in this environment or in production. */
export async function meetingTargets(
  plan: Plan,
  { environment, located }: Meeting,
  tools: TargetPlanTools,
): Promise<readonly Diagnostic[]> {
  const taken = await productionTables(plan, located, tools);
  return located.flatMap((target, index) => {
    const before = environment === null ? [] : located.slice(0, index);
    const others = [...before, ...taken].filter(each => environment !== null || each.target !== target.target);
    const other = others.find(each => tableKey(each.table) === tableKey(target.table));
    return other ? [refusedTarget(plan, target, sameTable(other))] : [];
  });
}

/** The tables that targets of the plan mean in production. */
async function productionTables(
  { desired }: Plan,
  located: readonly LocatedTarget[],
  { state, target: connectorOf }: TargetPlanTools,
): Promise<readonly LocatedTarget[]> {
  if (located.length === 0) return [];
  const mark = { lineage: state.lineage, environment: null };
  const found: LocatedTarget[] = [];
  for (const [node, { resolved }] of desired)
    for (const target of resolved.node.targets) {
      try {
        found.push({ node, target, table: await connectorOf(target).locate(target, mark) });
      } catch (error) {
        // A connection that only other nodes use need not be complete.
        if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
      }
    }
  return found;
}
