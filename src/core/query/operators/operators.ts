import { aggregate, distinctRows, orderSeen } from '../expressions/aggregates.ts';
import { conditionOf, conjuncts, combined } from '../expressions/condition.ts';
import { orderKeys, termsOf } from '../expressions/expression.ts';
import {
  bind,
  type Column,
  filtered,
  type Frame,
  freshFrame,
  isTotal,
  namesOf,
  namesOfAll,
  part,
  withoutHints,
} from './frame.ts';
import { crossProduct, join, outerValues } from './joins.ts';
import { union } from '../plan-json/names.ts';
import { opaqueOperator } from '../opaque.ts';
import { positionalJoin } from './padding-joins.ts';
import { strangeOperator } from '../plan-json/plan-fields.ts';
import { childAt, type PlanExpression, type PlanOperator, type PlanOrder } from '../plan-json/plan-tree.ts';
import { dummyScan, emptyResult, scan, values } from './scans.ts';
import { isScalarSubquery } from '../expressions/scalar-subquery.ts';
import { limit, sample } from './limits.ts';
import { exceptOrIntersect, unionOf } from './set-operations.ts';
import { recursiveQuery, sharedQuery, sharedReference } from './shared-queries.ts';
import { sortedBy } from './sorted-zeroes.ts';
import { asSet, type Part, type Term } from '../terms/terms.ts';
import { typeOf } from '../plan-json/types.ts';
import type { Walk } from '../walk.ts';
import { window } from '../expressions/windows.ts';

/** What an operator of a plan gives; operators without a rule of their own are opaque. */
export function operatorFrame(walk: Walk, node: PlanOperator): Frame {
  const strange = strangeOperator(node);
  if (strange) return opaqueOperator(walk, node, strange);
  return (
    leafOperator(walk, node) ??
    rowOperator(walk, node) ??
    joinOperator(walk, node) ??
    opaqueOperator(walk, node, node.type)
  );
}

function leafOperator(walk: Walk, node: PlanOperator): Frame | null {
  switch (node.type) {
    case 'LOGICAL_GET':
      return scan(walk, node);
    case 'LOGICAL_EXPRESSION_GET':
      return values(walk, node);
    case 'LOGICAL_DUMMY_SCAN':
      return dummyScan(walk, node);
    case 'LOGICAL_EMPTY_RESULT':
      return emptyResult(walk, node);
    case 'LOGICAL_DELIM_GET':
      return outerValues(walk, node);
    case 'LOGICAL_CTE_REF':
      return sharedReference(walk, node);
    default:
      return null;
  }
}

function rowOperator(walk: Walk, node: PlanOperator): Frame | null {
  const input = () => inputOf(walk, node);
  switch (node.type) {
    case 'LOGICAL_PROJECTION':
      return projection(walk, node);
    case 'LOGICAL_FILTER':
      if (!dropsOnlyLast(node)) return opaqueOperator(walk, node, 'LOGICAL_FILTER.projection_map');
      return filter(walk, node, input());
    case 'LOGICAL_WINDOW':
      return window(walk, node, input());
    case 'LOGICAL_UNNEST':
      return unnest(walk, node, input());
    case 'LOGICAL_AGGREGATE_AND_GROUP_BY':
      return aggregate(walk, node);
    case 'LOGICAL_ORDER_BY':
      return orderBy(walk, node, input());
    case 'LOGICAL_LIMIT':
      return limit(walk, node, input());
    case 'LOGICAL_SAMPLE':
      return sample(walk, node, input());
    case 'LOGICAL_DISTINCT':
      return distinct(walk, node);
    default:
      return null;
  }
}

function joinOperator(walk: Walk, node: PlanOperator): Frame | null {
  switch (node.type) {
    case 'LOGICAL_COMPARISON_JOIN':
    case 'LOGICAL_DELIM_JOIN':
    case 'LOGICAL_ANY_JOIN':
    case 'LOGICAL_ASOF_JOIN':
      return join(walk, node);
    case 'LOGICAL_CROSS_PRODUCT':
      return crossProduct(walk, inputOf(walk, node), inputOf(walk, node, 1));
    case 'LOGICAL_POSITIONAL_JOIN':
      return positionalJoin(walk, inputOf(walk, node), inputOf(walk, node, 1));
    case 'LOGICAL_UNION':
      return unionOf(walk, node);
    case 'LOGICAL_EXCEPT':
    case 'LOGICAL_INTERSECT':
      return exceptOrIntersect(walk, node);
    case 'LOGICAL_MATERIALIZED_CTE':
      return sharedQuery(walk, node);
    case 'LOGICAL_RECURSIVE_CTE':
      return recursiveQuery(walk, node);
    default:
      return null;
  }
}

function inputOf(walk: Walk, node: PlanOperator, index = 0): Frame {
  const child = childAt(node, index);
  return child ? walk.operator(child) : opaqueOperator(walk, node, `${node.type} without input`);
}

const expressionsOf = (node: PlanOperator): readonly PlanExpression[] => (node.expressions ?? []).flat();

function projection(walk: Walk, node: PlanOperator): Frame {
  const child = childAt(node, 0);
  const input = child && isScalarSubquery(node, child) ? aggregate(walk, child, true) : inputOf(walk, node);
  const project = (frame: Frame): Frame => {
    const { unknown: _unknown, support: _support, ...kept } = frame;
    return bind(
      { ...kept, columns: expressionsOf(node).map(each => walk.expression(each, frame)), bindings: [] },
      node.table_index,
    );
  };
  const projected = project(input);
  if (!input.support || isVolatileFrame(walk, projected)) return projected;
  return { ...projected, support: project(input.support) };
}

/** A volatile call sees how many rows there are, duplicates included. */
const isVolatileFrame = (walk: Walk, { columns }: Frame): boolean =>
  columns.some(column => walk.terms.isVolatile(column.term));

function filter(walk: Walk, node: PlanOperator, input: Frame): Frame {
  const conditions = expressionsOf(node).map(each => conditionOf(walk, each, input));
  const condition = combined(walk, 'and', conditions);
  const { strict } = condition;
  const frame = filtered(walk.terms, input, { terms: conjuncts(walk, condition), names: namesOf(condition), strict });
  // A column that equals a literal tells no rows apart.
  const fixed = new Set(condition.fixed);
  const kept = node.projection_map ?? [];
  const columns = kept.length === 0 ? frame.columns : frame.columns.slice(0, kept.length);
  return { ...frame, columns, keys: frame.keys.map(key => key.filter(term => !fixed.has(term))) };
}

/** A filter may drop columns: those at the end, which only it reads. */
const dropsOnlyLast = ({ projection_map: kept = [] }: PlanOperator): boolean =>
  kept.every((column, index) => Number(column) === index);

function unnest(walk: Walk, node: PlanOperator, input: Frame): Frame {
  const lists = expressionsOf(node).map(each => {
    const list = each.expression_class === 'BOUND_UNNEST' && each.child ? each.child : each;
    return { ...walk.expression(list, input), type: typeOf(each) };
  });
  const rows = walk.terms.make('unnest', input.rows.term, asSet(termsOf(lists)));
  const columns = lists.map(list => ({ ...list, term: walk.terms.make('unnested', rows, list.term) }));
  const frame = freshFrame({
    columns: [...input.columns, ...columns],
    bindings: input.bindings,
    rows,
    bases: new Set([...input.bases, rows]),
    order: walk.terms.make('unnest order', rows, input.order),
    rowNames: union(input.rowNames, namesOfAll(lists)),
    orderNames: input.orderNames,
    ...(input.unknown ? { unknown: input.unknown } : {}),
  });
  return bind(frame, node.unnest_index, input.columns.length);
}

interface Sorting {
  readonly parts: readonly Part[];
  readonly columns: readonly Column[];
  readonly names: Frame['orderNames'];
}

/** The sequence after a sort: that of the input where rows tie. */
function sortedOrder(walk: Walk, input: Frame, keys: Sorting): Term {
  const total = isTotal(input, new Set(termsOf(keys.columns)));
  return walk.terms.make('sorted', input.rows.term, keys.parts, total ? null : input.order);
}

const sortingOf = (walk: Walk, orders: readonly PlanOrder[], input: Frame): Sorting => orderKeys(walk, orders, input);

function orderBy(walk: Walk, node: PlanOperator, input: Frame): Frame {
  const orders = node.orders ?? [];
  const keys = sortingOf(walk, orders, input);
  return {
    ...sortedBy(
      walk,
      input,
      orders.map(order => order.expression),
    ),
    order: sortedOrder(walk, input, keys),
    sorted: walk.terms.make('order by', keys.parts, input.sorted),
    orderNames: union(input.orderNames, keys.names),
  };
}

function distinct(walk: Walk, node: PlanOperator): Frame {
  const child = childAt(node, 0);
  const whole = node.distinct_type === 'DISTINCT' && !node.order_by;
  const input = whole && child?.type === 'LOGICAL_UNION' ? unionOf(walk, child, true) : inputOf(walk, node);
  const targets = (node.distinct_targets ?? []).map(each => walk.expression(each, input));
  const terms = new Set(termsOf(targets));
  if (whole && !input.unknown) {
    if (isTotal(input, terms)) return { ...input, rowNames: union(input.rowNames, namesOfAll(targets)) };
    if (input.columns.every(column => terms.has(column.term))) return distinctRows(walk, input, child);
  }
  return distinctOn(walk, node, input, targets);
}

/** Keeps one row of each group: the first by ORDER BY, and where that leaves a choice, by the order of the rows. */
function distinctOn(walk: Walk, node: PlanOperator, input: Frame, targets: readonly Column[]): Frame {
  const keys = sortingOf(walk, node.order_by?.orders ?? [], input);
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
    rowNames: union(input.rowNames, namesOfAll(targets), keys.names, input.orderNames),
  };
}
