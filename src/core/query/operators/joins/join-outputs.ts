import { beside, type OperatorOutput, mapTerms } from '../operator-output.ts';
import { type Dependencies, union } from '../../terms/dependencies.ts';
import type { Term } from '../../terms/term.ts';
import type { Walk } from '../../walk.ts';

/** The row order of a join. */
export const joinOrder = (walk: Walk, rows: Term, left: OperatorOutput, right: OperatorOutput): Term =>
  walk.terms.make('join order', rows, left.order, right.order);

/** An output beside a single row: its rows, keys and order stay. */
export function besideConstant(
  kept: OperatorOutput,
  both: ReturnType<typeof beside>,
  single: OperatorOutput,
): Omit<OperatorOutput, 'order'> {
  const { rows, single: alone, keys, sorted, rowDependencies, orderDependencies } = kept;
  return { ...both, rows, single: alone && single.single, keys, sorted, rowDependencies, orderDependencies };
}

/** The rows of the left side with columns that are looked up on the right side by a key. */
export function withLookedUp(
  walk: Walk,
  left: OperatorOutput,
  right: OperatorOutput,
  by: { readonly key: Term; readonly dependencies: Dependencies },
): OperatorOutput {
  const found = mapTerms(right, term => walk.terms.make('looked up', by.key, term));
  const deciding = union(by.dependencies, right.rowDependencies);
  const columns = found.columns.map(column => ({ ...column, condition: union(column.condition, deciding) }));
  const both = beside(left, { ...found, columns, bases: new Set([walk.terms.make('looked up', by.key)]) });
  return { ...besideConstant(left, both, right), single: false, order: joinOrder(walk, left.rows.term, left, right) };
}
