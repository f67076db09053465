import { canonicalJson } from '../core/canonical-json.ts';
import { semanticDefinition } from '../core/plan/changes/definition-change.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import { type DesiredNode, storedOutput } from '../core/definition/nodes/desired-node.ts';
import { artefactOf } from '../core/plan/action.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import { makePlan } from './make-plan.ts';
import type { PlanningTools } from './planning-tools.ts';
import type { PlanRequest } from './plan-request.ts';
import type { StoredDefinition } from './plan-record.ts';
import { definitionIn } from './read-base.ts';

/** A node that differs from the base only in the values of environment variables. */
export interface PinnableNode {
  readonly id: NodeId;
  /** The node as in the base: its output is known; the original variable values are not available. */
  readonly pinned: DesiredNode;
  /** The node with the values of this machine, for when it must run. May throw `variable-changed`. */
  otherwise(): DesiredNode;
}

/** A plan, and the nodes that keep the base's artefact because of their variables. */
export interface PinningPlan {
  readonly plan: Plan;
  readonly pinned: readonly NodeId[];
}

/**
 * Plans so that a different variable value on this machine changes nothing: such a node keeps the base's artefact as long
 * as its inputs do not change.
 */
export async function makePinningPlan(
  request: PlanRequest,
  pinnable: readonly PinnableNode[],
  tools: PlanningTools,
): Promise<PinningPlan> {
  const pinned = new Map(pinnable.map(node => [node.id, node]));
  for (;;) {
    const plan = await makePlan({ ...request, ...pinning(request, pinned, pinnable) }, tools);
    const released = await releasedFrom(plan, [...pinned.keys()], tools);
    if (released.length === 0) return { plan, pinned: [...pinned.keys()] };
    for (const id of released) pinned.delete(id);
  }
}

function pinning(
  request: PlanRequest,
  pinned: ReadonlyMap<NodeId, PinnableNode>,
  pinnable: readonly PinnableNode[],
): Pick<PlanRequest, 'nodes' | 'pinned'> {
  const ids = new Set(pinnable.map(node => node.id));
  const others = request.nodes.filter(node => !ids.has(node.resolved.node.id));
  const nodes = [...others, ...pinnable.map(node => pinned.get(node.id)?.pinned ?? node.otherwise())];
  return {
    nodes: nodes.sort((a, b) => (a.resolved.node.id < b.resolved.node.id ? -1 : 1)),
    pinned: new Map([...(request.pinned ?? []), ...[...pinned.keys()].map(id => [id, 'unchanged'] as const)]),
  };
}

/** Nodes that cannot stay pinned: the base's artefact is damaged, or an input no longer has the base's artefact. */
async function releasedFrom(
  plan: Plan,
  ids: readonly NodeId[],
  { artefacts }: Pick<PlanningTools, 'artefacts'>,
): Promise<readonly NodeId[]> {
  const unchanged = new Set(
    plan.actions
      .filter(action => artefactOf(action) === plan.base.get(action.id)?.artefact && !action.line.verify)
      .map(({ id }) => id),
  );
  const released: NodeId[] = [];
  for (const id of ids) {
    const base = plan.base.get(id);
    const inputs = plan.desired.get(id)?.resolved.node.inputs ?? [];
    const whole = base !== undefined && (await artefacts.isWhole(base.artefact));
    if (!whole || inputs.some(input => !unchanged.has(input.id))) released.push(id);
  }
  return released;
}

/** Nodes whose variables have other values in the base than on this machine. */
export function pinnableNodes(
  state: Definitions,
  base: readonly GenerationNode[],
  nodes: readonly DesiredNode[],
): readonly PinnableNode[] {
  const entries = new Map(base.map(entry => [entry.id, entry]));
  return nodes.flatMap(node => {
    const entry = entries.get(node.resolved.node.id);
    const { definition } = node.resolved.node;
    return entry && hasOtherValues(entry, node) && isSameQuery(state, entry, { document: definition, ...node })
      ? [{ id: entry.id, pinned: asInBase(node, entry), otherwise: () => node }]
      : [];
  });
}

const hasOtherValues = (entry: GenerationNode, { parameters }: DesiredNode): boolean =>
  canonicalJson({ ...entry.parameters?.variables }) !== canonicalJson({ ...parameters.variables }) &&
  entry.parameters?.date === parameters.date;

type Definitions = Pick<StateSnapshot, 'definition'>;

type Wanted = Pick<StoredDefinition, 'document' | 'values'>;

/** Whether a node differs from the base at most in documentation, the date and environment variables. */
export const isSameQuery = (state: Definitions, entry: GenerationNode, wanted: Wanted): boolean =>
  meaningOf(definitionIn(state, entry)) === meaningOf(wanted);

const meaningOf = ({ document, values }: Wanted): string =>
  canonicalJson({ document: semanticDefinition(document), values });

const asInBase = ({ resolved, values }: DesiredNode, entry: GenerationNode): DesiredNode => ({
  resolved: storedOutput(resolved.node),
  values,
  parameters: entry.parameters ?? {},
});

/** Warnings for nodes that keep production's result, and for nodes planned with this machine's values. */
export function variableWarnings({ plan, pinned }: PinningPlan, here: readonly DesiredNode[]): readonly Diagnostic[] {
  return here.flatMap(({ resolved: { node }, parameters }) => {
    const before = plan.base.get(node.id)?.entry.parameters?.variables ?? {};
    const names = Object.keys(before).filter(name => before[name] !== parameters.variables?.[name]);
    const kept = pinned.includes(node.id);
    return names.map(name =>
      diagnostic({
        code: 'variable-changed',
        severity: 'warning',
        message: kept
          ? `${node.id} keeps production's result: the environment variable ${name} has another value here.`
          : `${node.id} is planned with another value of the environment variable ${name} than production was built with.`,
        hint: kept
          ? 'Pass --refresh to plan it with the value it has here.'
          : 'Set it to its previous value, unless the change is intended.',
        node: node.id,
      }),
    );
  });
}
