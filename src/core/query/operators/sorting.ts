import { distinctRows } from './aggregate.ts';
import { type OrderKeys, orderKeys, orderSeen } from '../expressions/row-order.ts';
import { termsOf, type Column, dependenciesOfAll } from '../terms/column.ts';
import { type OperatorOutput, isTotal, withoutHints } from './operator-output.ts';
import { part } from './row-set.ts';
import { union } from '../terms/dependencies.ts';
import { childAt, type PlanOperator } from '../plan-json/plan-tree.ts';
import { unionOf } from './set-operations.ts';
import { sortedBy } from './sorted-zeroes.ts';
import { asSet, type Term } from '../terms/term.ts';
import type { Walk } from '../walk.ts';
import { inputOf } from './row-operators.ts';

/** The row order after a sort; tied rows keep the order of the input. */
function sortedOrder(walk: Walk, input: OperatorOutput, keys: OrderKeys): Term {
  const total = isTotal(input, new Set(termsOf(keys.columns)));
  return walk.terms.make('sorted', input.rows.term, keys.parts, total ? null : input.order);
}

/** LOGICAL_ORDER_BY. */
export function orderBy(walk: Walk, node: PlanOperator, input: OperatorOutput): OperatorOutput {
  const orders = node.orders ?? [];
  const keys = orderKeys(walk, orders, input);
  return {
    ...sortedBy(
      walk,
      input,
      orders.map(order => order.expression),
    ),
    order: sortedOrder(walk, input, keys),
    sorted: walk.terms.make('order by', keys.parts, input.sorted),
    orderDependencies: union(input.orderDependencies, keys.dependencies),
  };
}

/** LOGICAL_DISTINCT, with or without ON. */
export function distinct(walk: Walk, node: PlanOperator): OperatorOutput {
  const child = childAt(node, 0);
  const whole = node.distinct_type === 'DISTINCT' && !node.order_by;
  const input = whole && child?.type === 'LOGICAL_UNION' ? unionOf(walk, child, true) : inputOf(walk, node);
  const targets = (node.distinct_targets ?? []).map(each => walk.expression(each, input));
  const terms = new Set(termsOf(targets));
  if (whole && !input.unknown) {
    if (isTotal(input, terms))
      return { ...input, rowDependencies: union(input.rowDependencies, dependenciesOfAll(targets)) };
    if (input.columns.every(column => terms.has(column.term))) return distinctRows(walk, input, child);
  }
  return distinctOn(walk, node, input, targets);
}

/** Keeps one row of each group: the first by ORDER BY, then by row order. */
function distinctOn(walk: Walk, node: PlanOperator, input: OperatorOutput, targets: readonly Column[]): OperatorOutput {
  const keys = orderKeys(walk, node.order_by?.orders ?? [], input);
  const total = isTotal(input, new Set([...termsOf(targets), ...termsOf(keys.columns)]));
  const order = total ? null : orderSeen(walk, input.order, 'DISTINCT ON');
  const all = node.distinct_type === 'DISTINCT' ? termsOf(input.columns) : null;
  const rows = walk.terms.make('distinct on', input.rows.term, asSet(termsOf(targets)), keys.parts, order, all);
  const orders = (node.order_by?.orders ?? []).map(each => each.expression);
  const kept = sortedBy(walk, withoutHints(input), [...(node.distinct_targets ?? []), ...orders]);
  return {
    ...kept,
    single: false,
    rows: part(rows),
    keys: [termsOf(targets), ...kept.keys],
    order: walk.terms.make('distinct on order', rows, input.order),
    rowDependencies: union(
      input.rowDependencies,
      dependenciesOfAll(targets),
      keys.dependencies,
      input.orderDependencies,
    ),
  };
}
