import type { ColumnChanges, PlanNode } from '../documents/plan-document.ts';
import type { PlanAction } from './action.ts';
import { OUTDATED } from './evidence.ts';
import type { NodeChange, NodeVersion } from './changes/node-change.ts';

/** What was decided of a wanted node. */
export interface PlannedNode {
  /** null for a new node. */
  readonly change: NodeChange | null;
  readonly kind: Exclude<PlanAction['kind'], 'remove'>;
  readonly moves: boolean;
  readonly reason: string;
  /** A source's files hold something else now. */
  readonly outdated: boolean;
}

/** What people and scripts are told of a wanted node; changes are listed only where they reach it. */
export function planLine({ node, analysis }: NodeVersion, planned: PlannedNode): PlanNode {
  const { change, kind, moves, reason, outdated } = planned;
  const touched = change === null || change.change === 'modified' || kind !== 'reuse' || moves;
  return {
    id: node.id,
    change: change === null ? 'new' : change.change,
    category: change === null ? 'non_breaking' : change.category,
    action: kind === 'reuse' || kind === 'verify-then-reuse' ? 'reuse' : 'run',
    verify: kind === 'verify-then-reuse',
    moves,
    reason,
    columns: change !== null && touched ? listedChanges(change) : null,
    rows_changed: change !== null && touched ? change.rowsChanged : null,
    schema: analysis.late === undefined ? analysis.columns : null,
    targets: [],
    evidence: [...(change?.evidence ?? []), ...(touched ? analysis.notes : []), ...(outdated ? [OUTDATED] : [])],
  };
}

/** In a list of columns, a name in another case is another name, as it is for readers of the file. */
const listedChanges = ({ columns, recased }: NodeChange): ColumnChanges => ({
  ...columns,
  added: [...columns.added, ...recased.map(({ to }) => to)],
  removed: [...columns.removed, ...recased.map(({ from }) => from)],
});
