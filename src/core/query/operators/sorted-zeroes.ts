import { referencedColumn } from '../expressions/expression.ts';
import { type Frame, mapTerms } from './frame.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import type { Term } from '../terms/terms.ts';
import { hasSignedZero } from '../plan-json/types.ts';
import type { Walk } from '../walk.ts';

/**
 * The frame after a sort, or whatever else sorts: DuckDB gives a key that is a plain column back as 0.0 where it was
 * -0.0, also inside structs and lists, and leaves copies of that column as they were (decision 6).
 */
export function sortedBy(walk: Walk, frame: Frame, keys: readonly PlanExpression[]): Frame {
  const indexes = new Set(keys.map(key => referencedColumn(key, frame)));
  const sorted = frame.columns.filter((column, index) => indexes.has(index) && hasSignedZero(column.type));
  if (sorted.length === 0) return frame;
  const { terms } = walk;
  const known = new Set<Term>(sorted.map(column => column.term));
  const zeroed = (term: Term): Term => (known.has(term) ? terms.make('sorted zero', term) : term);
  const columns = frame.columns.map((column, index) => {
    if (!known.has(column.term)) return column;
    const key = indexes.has(index) && hasSignedZero(column.type);
    return { ...column, term: key ? zeroed(column.term) : terms.make('beside sorted zero', column.term) };
  });
  const { support, count } = frame;
  return {
    ...mapTerms(frame, zeroed),
    columns,
    ...(support ? { support: sortedBy(walk, support, keys) } : {}),
    ...(count === undefined ? {} : { count }),
  };
}
