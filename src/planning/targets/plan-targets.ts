import { type LocatedTarget, type RequestContext, targetRequest } from '../../connectors/target-request.ts';
import type { Column, NodeId } from '../../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { artefactOf } from '../../core/plan/action.ts';
import type { BaseNode, Plan } from '../../core/plan/plan.ts';
import type { TargetAction } from '../../core/plan/targets/target-action.ts';
import { isBehind, ownsTargets, recordOf, type TargetNode } from '../../core/plan/targets/wanted-target.ts';
import { mayBeLifted } from '../../core/plan/targets/target-refusal.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { TargetPlanTools } from './target-plan-tools.ts';
import { stepPhrase } from './step-phrase.ts';
import { meetingTargets } from './meeting-targets.ts';
import { refusedTarget, uncheckedTarget } from './target-mistake.ts';

export interface TargetPlanning {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  readonly adopt: boolean;
  /** Only the targets of these nodes (default: all). */
  readonly only?: ReadonlySet<NodeId>;
}

/**
 * Adds the external targets that an apply would write: their actions, their physical names, and a diagnostic for each
 * that is refused. A server that does not answer, or a right that is missing, is a warning: writing checks
 * everything again.
 */
export async function planTargets(plan: Plan, planning: TargetPlanning, tools: TargetPlanTools): Promise<Plan> {
  const located = await locateTargets(plan, planning, tools);
  const meeting = await meetingTargets(plan, { ...planning, located: located.wanted }, tools);
  const asked = await askServers(plan, located.wanted, { planning, tools });
  const found = [...located.diagnostics, ...meeting, ...asked.diagnostics];
  return {
    ...plan,
    actions: plan.actions.map(action => withTargets(action, located.wanted, asked.actions)),
    targets: asked.actions,
    diagnostics: [...plan.diagnostics, ...found],
  };
}

const withTargets = <Action extends Plan['actions'][number]>(
  action: Action,
  wanted: readonly LocatedTarget[],
  planned: readonly TargetAction[],
): Action => {
  const targets = wanted
    .filter(({ node }) => node === action.id)
    .map(({ target, table }) => {
      const found = planned.find(each => each.node === action.id && each.target === target);
      return { type: target.type, physical: table.name, ...stepsOf(found) };
    });
  return targets.length === 0 ? action : { ...action, line: { ...action.line, targets } };
};

const stepsOf = (planned: TargetAction | undefined): { readonly steps?: readonly string[] } =>
  planned?.kind === 'write-target' ? { steps: planned.steps.flatMap(stepPhrase) } : {};

interface Located {
  readonly wanted: readonly LocatedTarget[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The targets that would be written, with the tables that they mean. */
async function locateTargets(plan: Plan, planning: TargetPlanning, tools: TargetPlanTools): Promise<Located> {
  const { environment } = planning;
  const records = tools.state.targetRecords(environment);
  const mark = { lineage: tools.state.lineage, environment };
  const wanted: LocatedTarget[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const node of targetNodes(plan, planning))
    for (const target of node.targets) {
      try {
        const table = await tools.target(target).locate(target, mark);
        if (isBehind(recordOf(records, table), node, target)) wanted.push({ node: node.id, target, table });
      } catch (error) {
        if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
        diagnostics.push(refusedTarget(plan, { node: node.id, target }, error));
      }
    }
  return { wanted, diagnostics };
}

/** Nodes whose targets the environment writes, with the artefact that they will have; null if it is not made yet. */
function targetNodes({ actions, desired, base }: Plan, { environment, only }: TargetPlanning): readonly TargetNode[] {
  const nodes = actions.flatMap((action): readonly TargetNode[] => {
    const targets = desired.get(action.id)?.resolved.node.targets ?? [];
    const artefact = action.kind === 'reuse' ? artefactOf(action) : null;
    return [{ id: action.id, artefact, targets }];
  });
  const chosen = only === undefined ? nodes : nodes.filter(({ id }) => only.has(id));
  return chosen.filter(node => ownsTargets(environment, node, baseNode(base.get(node.id))));
}

const baseNode = (base: BaseNode | undefined): TargetNode | undefined =>
  base && { id: base.node.id, artefact: base.artefact, targets: base.node.targets };

interface Asking {
  readonly planning: TargetPlanning;
  readonly tools: TargetPlanTools;
}

interface Asked {
  readonly actions: readonly TargetAction[];
  readonly diagnostics: readonly Diagnostic[];
}

async function askServers(plan: Plan, wanted: readonly LocatedTarget[], { planning, tools }: Asking): Promise<Asked> {
  const { environment, adopt } = planning;
  const { lineage } = tools.state;
  const context: RequestContext = {
    mark: { lineage, environment },
    adopt,
    records: tools.state.targetRecords(environment),
  };
  const actions: TargetAction[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const located of wanted) {
    try {
      const request = targetRequest(located, columnsOf(plan, located), context);
      const action = await tools.target(located.target).plan(request);
      actions.push(action);
      if (action.kind === 'refuse-target') diagnostics.push(refusalOf(plan, located, action.failure));
    } catch (error) {
      if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
      diagnostics.push(uncheckedTarget(plan, located, error));
    }
  }
  return { actions, diagnostics };
}

function refusalOf(plan: Plan, located: LocatedTarget, failure: FailureText): Diagnostic {
  const refused = refusedTarget(plan, located, failure);
  return mayBeLifted(failure) ? { ...refused, severity: 'warning' } : refused;
}

/** null if the columns depend on data that is not known yet. */
function columnsOf({ versions }: Plan, { node }: LocatedTarget): readonly Column[] | null {
  const analysis = versions.get(node)?.analysis;
  return analysis && analysis.late === undefined ? analysis.columns : null;
}
