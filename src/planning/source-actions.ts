import type { NodeId } from '../core/definition/nodes/node.ts';
import type { SourceAction } from '../core/plan/source-reading.ts';
import type { MadePlan } from './make-plan.ts';

/** What a plan does with each of its sources, in the order of the nodes. */
export const sourceActions = (made: MadePlan): readonly SourceAction[] =>
  [...made.desired.keys()].flatMap(id => actionOf(made, id) ?? []);

/** null for a transform. */
function actionOf(made: MadePlan, id: NodeId): SourceAction | null {
  const node = made.desired.get(id)?.resolved.node ?? { id };
  const failure = made.unreadable.get(id);
  if (failure) return { kind: 'fail-source', id, node, failure };
  const decision = made.sources.get(id);
  if (!decision) return null;
  if (decision.kind === 'keep')
    return { kind: 'keep-source', id, artefact: decision.artefact, reason: decision.reason };
  const reading = made.readings.get(id);
  if (!reading) throw new Error(`${id} was never surveyed`);
  if (reading.refusal) return { kind: 'fail-source', id, node, failure: reading.refusal };
  return {
    kind: 'read-source',
    id,
    node: reading.node,
    inspection: reading.inspection,
    before: made.base.get(id)?.artefact ?? null,
    anew: made.remake.has(id),
    reason: decision.reason,
  };
}
