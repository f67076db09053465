import type { PlanNode } from '../documents/plan-document.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { PlanAction } from './action.ts';
import type { PlanInput } from './plan-input.ts';
import type { NodeVersion } from './changes/node-change.ts';

type RemovalInput = Pick<PlanInput, 'base' | 'shown' | 'desired' | 'files'>;

/** Removes nodes that the base or the environment has and the project no longer defines. */
export function removals(input: RemovalInput, decided: ReadonlyMap<NodeId, PlanAction>): readonly PlanAction[] {
  const removed = [...input.base.values()].filter(before => !decided.has(before.node.id));
  const known = new Set([...decided.keys(), ...removed.map(before => before.node.id)]);
  const extra = [...input.shown.keys()].filter(id => !known.has(id)).toSorted();
  return [...removed.map(before => removal(before, input)), ...extra.map(withdrawal)];
}

function removal(before: NodeVersion, input: RemovalInput): PlanAction {
  const removed = before.analysis.columns.map(column => column.name);
  return leaveOut(before.node.id, {
    change: 'removed',
    category: 'breaking',
    moves: input.shown.has(before.node.id),
    reason: removalReason(before, input),
    columns: { added: [], removed, retyped: [], changed: [] },
  });
}

function removalReason({ node }: NodeVersion, { desired, files }: RemovalInput): string {
  const instead = desired.find(other => other.node.file === node.file);
  if (instead) return `its file ${node.file} now defines ${instead.node.id}`;
  return files?.has(node.file) === true ? 'no longer defined' : `its file ${node.file} is gone`;
}

/** A node that only the environment has, from an earlier apply. */
const withdrawal = (id: NodeId): PlanAction =>
  leaveOut(id, {
    change: 'none',
    category: null,
    moves: true,
    reason: 'only the environment still has it',
    columns: null,
  });

const leaveOut = (
  id: NodeId,
  line: Pick<PlanNode, 'change' | 'category' | 'moves' | 'reason' | 'columns'>,
): PlanAction => ({
  kind: 'remove',
  id,
  line: { id, ...line, action: 'remove', verify: false, rows_changed: null, schema: null, targets: [], evidence: [] },
});
