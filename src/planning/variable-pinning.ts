import { canonicalJson } from '../core/canonical-json.ts';
import { semanticDefinition } from '../core/plan/definition-change.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { type DesiredNode, storedOutput } from '../core/definition/nodes/desired-node.ts';
import { type MadePlan, makePlan } from './make-plan.ts';
import type { PlanRequest } from './plan-request.ts';
import type { StoredDefinition } from './plan-record.ts';
import { definitionIn } from './read-base.ts';

/** A node for which the base was given other values of environment variables than this machine has, and nothing else. */
export interface KeptNode {
  readonly id: NodeId;
  /** As the base has it. Output known; the original variable values are not available. */
  readonly kept: DesiredNode;
  /** As it is without the base, for where it must run after all. May throw `variable-changed`. */
  otherwise(): DesiredNode;
}

export interface KeepingPlan extends MadePlan {
  /** Nodes that keep what the base has of them. */
  readonly kept: readonly NodeId[];
}

/**
 * Plans so that a value which only this machine has otherwise changes nothing: such a node keeps the base's artefact as
 * long as nothing that it reads is touched.
 */
export async function makeKeepingPlan(request: PlanRequest, keepable: readonly KeptNode[]): Promise<KeepingPlan> {
  const kept = new Map(keepable.map(node => [node.id, node]));
  for (;;) {
    const made = await makePlan({ ...request, ...keeping(request, kept, keepable) });
    const released = await touchedOf(request, made, [...kept.keys()]);
    if (released.length === 0) return { ...made, kept: [...kept.keys()] };
    for (const id of released) kept.delete(id);
  }
}

function keeping(
  request: PlanRequest,
  kept: ReadonlyMap<NodeId, KeptNode>,
  keepable: readonly KeptNode[],
): Pick<PlanRequest, 'nodes' | 'held'> {
  const ids = new Set(keepable.map(node => node.id));
  const others = request.nodes.filter(node => !ids.has(node.resolved.node.id));
  const nodes = [...others, ...keepable.map(node => kept.get(node.id)?.kept ?? node.otherwise())];
  return {
    nodes: nodes.sort((a, b) => (a.resolved.node.id < b.resolved.node.id ? -1 : 1)),
    held: new Map([...(request.held ?? []), ...[...kept.keys()].map(id => [id, 'unchanged'] as const)]),
  };
}

/** Those that cannot stay as they are: the base's artefact is gone, or does not stand beside the base's inputs. */
async function touchedOf({ bench }: PlanRequest, made: MadePlan, ids: readonly NodeId[]): Promise<readonly NodeId[]> {
  const settled = new Set(
    made.decisions
      .filter(({ id, artefact, plan }) => artefact === made.base.get(id)?.artefact && !plan.verify)
      .map(({ id }) => id),
  );
  const touched: NodeId[] = [];
  for (const id of ids) {
    const base = made.base.get(id);
    const inputs = made.desired.get(id)?.resolved.node.inputs ?? [];
    const whole = base !== undefined && (await bench.checks.isWhole(base.artefact));
    if (!whole || inputs.some(input => !settled.has(input.id))) touched.push(id);
  }
  return touched;
}

/** Of nodes with the values of this machine, those that the base has with others. */
export function keepableNodes(
  store: StoreReader,
  base: readonly GenerationNode[],
  nodes: readonly DesiredNode[],
): readonly KeptNode[] {
  const entries = new Map(base.map(entry => [entry.id, entry]));
  return nodes.flatMap(node => {
    const entry = entries.get(node.resolved.node.id);
    const { definition } = node.resolved.node;
    return entry && hasOtherValues(entry, node) && isSameQuery(store, entry, { document: definition, ...node })
      ? [{ id: entry.id, kept: asInBase(node, entry), otherwise: () => node }]
      : [];
  });
}

const hasOtherValues = (entry: GenerationNode, { parameters }: DesiredNode): boolean =>
  canonicalJson({ ...entry.parameters?.variables }) !== canonicalJson({ ...parameters.variables }) &&
  entry.parameters?.date === parameters.date;

type Wanted = Pick<StoredDefinition, 'document' | 'values'>;

/** Whether a node is what it is in the base, but for what only describes it and for the values that fill it in. */
export const isSameQuery = (store: StoreReader, entry: GenerationNode, wanted: Wanted): boolean =>
  meaningOf(definitionIn(store, entry)) === meaningOf(wanted);

const meaningOf = ({ document, values }: Wanted): string =>
  canonicalJson({ document: semanticDefinition(document), values });

const asInBase = ({ resolved, values }: DesiredNode, entry: GenerationNode): DesiredNode => ({
  resolved: storedOutput(resolved.node),
  values,
  parameters: entry.parameters ?? {},
});

/** Says which nodes stand with production's values here, and which are planned with this machine's. */
export function variableWarnings(made: KeepingPlan, here: readonly DesiredNode[]): readonly Diagnostic[] {
  return here.flatMap(({ resolved: { node }, parameters }) => {
    const before = made.base.get(node.id)?.entry.parameters?.variables ?? {};
    const names = Object.keys(before).filter(name => before[name] !== parameters.variables?.[name]);
    const kept = made.kept.includes(node.id);
    return names.map(name =>
      diagnostic({
        code: 'variable-changed',
        severity: 'warning',
        message: kept
          ? `${node.id} stays as production has it: the environment variable ${name} has another value here.`
          : `${node.id} is planned with another value of the environment variable ${name} than production was built with.`,
        hint: kept
          ? '--refresh plans it with the value that it has here.'
          : 'Set it to its previous value, unless the change is intended.',
        node: node.id,
      }),
    );
  });
}
