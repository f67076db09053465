import { beside, type Frame, mapTerms } from './frame.ts';
import { type Names, union } from '../plan-json/names.ts';
import type { Term } from '../terms/terms.ts';
import type { Walk } from '../walk.ts';

export const joinOrder = (walk: Walk, rows: Term, left: Frame, right: Frame): Term =>
  walk.terms.make('join order', rows, left.order, right.order);

export function besideConstant(kept: Frame, both: ReturnType<typeof beside>, single: Frame): Omit<Frame, 'order'> {
  const { rows, single: alone, keys, sorted, rowNames, orderNames } = kept;
  return { ...both, rows, single: alone && single.single, keys, sorted, rowNames, orderNames };
}

export function withLookedUp(
  walk: Walk,
  left: Frame,
  right: Frame,
  by: { readonly key: Term; readonly names: Names },
): Frame {
  const found = mapTerms(right, term => walk.terms.make('looked up', by.key, term));
  const deciding = union(by.names, right.rowNames);
  const columns = found.columns.map(column => ({ ...column, condition: union(column.condition, deciding) }));
  const both = beside(left, { ...found, columns, bases: new Set([walk.terms.make('looked up', by.key)]) });
  return { ...besideConstant(left, both, right), single: false, order: joinOrder(walk, left.rows.term, left, right) };
}
