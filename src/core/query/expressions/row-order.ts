import { type Column, dependenciesOf } from '../terms/column.ts';
import type { Scope } from '../operators/operator-output.ts';
import { type Dependencies, union } from '../terms/dependencies.ts';
import type { PlanOrder } from '../plan-json/plan-tree.ts';
import type { Part, Term } from '../terms/term.ts';
import { plainText, type Walk } from '../walk.ts';

/** Decides which of several equal values comes first; DuckDB may run parts of a plan in any order. */
export const arrivalOf = (plan: unknown): string => plainText(plan);

/** Notes that an operation depends on the row order. */
export function orderSeen(walk: Walk, order: Term, by: string): Term {
  return walk.terms.note(walk.terms.make('seen order', order), 'order', `reads row order (${by})`);
}

/** The keys of an ORDER BY: as parts of a term, as columns and as dependencies. */
export interface OrderKeys {
  readonly parts: readonly Part[];
  readonly columns: readonly Column[];
  readonly dependencies: Dependencies;
}

/** Analyses the keys of an ORDER BY. */
export function orderKeys(walk: Walk, orders: readonly PlanOrder[], scope: Scope): OrderKeys {
  const columns = orders.map(order => walk.expression(order.expression, scope));
  const parts = orders.map((order, index) => [order.type, order.null_order, columns[index]?.term]);
  return { parts, columns, dependencies: union(...columns.map(dependenciesOf)) };
}
