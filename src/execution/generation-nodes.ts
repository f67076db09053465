import { definitionOf } from '../core/definition/nodes/desired-node.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { movement } from '../core/plan/changes/moves.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { isSettled, type Settled } from './node-result.ts';
import type { Performed } from './perform-plan.ts';

export interface Recording {
  readonly writer: Pick<StoreWriter, 'defineNode'>;
  /** ISO time of the generation. */
  readonly at: string;
}

/** The entries of the generation that a plan led to. Call it only if nothing failed. */
export const generationNodes = (plan: Plan, performed: Performed, recording: Recording): readonly GenerationNode[] =>
  performed.results.filter(isSettled).map(result => generationNode(plan, result, recording));

function generationNode(plan: Plan, result: Settled, { writer, at }: Recording): GenerationNode {
  const { id, artefact, fingerprint, status } = result;
  const desired = plan.desired.get(id);
  if (!desired) throw new Error(`${id} is not in the plan`);
  const definition = writer.defineNode(definitionOf(desired));
  const before = plan.base.get(id)?.entry;
  const same = before !== undefined && before.artefact === artefact.id && before.definition === definition;
  return {
    id,
    file: desired.resolved.node.file,
    definition,
    artefact: artefact.id,
    fingerprint: plan.pinned.has(id) ? (before?.fingerprint ?? fingerprint) : fingerprint,
    status: same ? before.status : status,
    at: same ? before.at : at,
    ...(Object.keys(desired.parameters).length > 0 ? { parameters: desired.parameters } : {}),
    targets: [],
  };
}

/** Nodes whose entries differ from what the environment points to now, including removed nodes. */
export function movedNodes(plan: Plan, nodes: readonly GenerationNode[]): ReadonlySet<NodeId> {
  const { moved, removed } = movement(plan.shown, nodes);
  return new Set([...moved.map(node => node.id), ...removed]);
}
