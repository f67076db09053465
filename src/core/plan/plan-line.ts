import type { ColumnChanges, PlanNode } from '../documents/plan-document.ts';
import type { PlanAction } from './action.ts';
import { OUTDATED } from './evidence.ts';
import type { NodeChange, NodeVersion } from './changes/node-change.ts';

/** The decision on a desired node. */
export interface PlannedNode {
  /** null for a new node. */
  readonly change: NodeChange | null;
  readonly kind: Exclude<PlanAction['kind'], 'remove'>;
  readonly moves: boolean;
  readonly reason: string;
  /** Only reading tells whether the source's data changed. */
  readonly unseen: boolean;
  /** The source is pinned and its files changed. */
  readonly outdated: boolean;
}

/** A desired node as plans show it; changes are listed only for nodes that they affect. */
export function planLine({ node, analysis }: NodeVersion, planned: PlannedNode): PlanNode {
  const { change, kind, moves, reason, unseen, outdated } = planned;
  const touched = change === null || change.change === 'modified' || kind !== 'reuse' || moves;
  return {
    id: node.id,
    change: change === null ? 'new' : change.change,
    category: change === null ? 'non_breaking' : change.category,
    action: kind === 'reuse' || kind === 'verify-then-reuse' ? 'reuse' : 'run',
    verify: kind === 'verify-then-reuse' || unseen,
    moves,
    reason,
    columns: change !== null && touched ? listedChanges(change) : null,
    rows_changed: change !== null && touched ? change.rowsChanged : null,
    schema: analysis.late === undefined ? analysis.columns : null,
    targets: [],
    evidence: [...(change?.evidence ?? []), ...(touched ? analysis.notes : []), ...(outdated ? [OUTDATED] : [])],
  };
}

/** For readers of the file, a name in another case is another column. */
const listedChanges = ({ columns, recased }: NodeChange): ColumnChanges => ({
  ...columns,
  added: [...columns.added, ...recased.map(({ to }) => to)],
  removed: [...columns.removed, ...recased.map(({ from }) => from)],
});
