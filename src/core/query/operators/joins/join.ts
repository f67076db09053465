import { orderSeen } from '../../expressions/row-order.ts';
import {
  beside,
  bind,
  type OperatorOutput,
  filtered,
  freshOutput,
  isTotal,
  keysTogether,
  mapTerms,
  sidesOf,
} from '../operator-output.ts';
import { product } from '../row-set.ts';
import type { Column } from '../../terms/column.ts';
import { conditionsOf } from './join-conditions.ts';
import { besideConstant, joinOrder } from './join-outputs.ts';
import { union } from '../../terms/dependencies.ts';
import { opaqueOperator } from '../../opaque.ts';
import { asofJoin, outerJoin } from './padding-joins.ts';
import { childAt, type PlanOperator } from '../../plan-json/plan-tree.ts';
import { markJoin, semiJoin, singleJoin } from './subquery-joins.ts';
import { hasExactEquality } from '../../plan-json/plan-types.ts';
import type { Walk } from '../../walk.ts';
import { window, windowInput } from '../window.ts';

/** LOGICAL_COMPARISON_JOIN, _DELIM_JOIN, _ANY_JOIN and _ASOF_JOIN. */
export function join(walk: Walk, node: PlanOperator): OperatorOutput {
  const [leftNode, rightNode] = [childAt(node, 0), childAt(node, 1)];
  if (!leftNode || !rightNode) return opaqueOperator(walk, node, node.type);
  const correlated = node.type === 'LOGICAL_DELIM_JOIN';
  const left = correlated ? outerSide(walk, node, leftNode) : walk.operator(leftNode);
  if (correlated) walk.outer.push(outerColumns(walk, node, left));
  const right = walk.operator(rightNode);
  if (correlated) walk.outer.pop();
  if (node.type === 'LOGICAL_ASOF_JOIN') return asofJoin(walk, node, left, right);
  switch (node.join_type) {
    case 'INNER':
      return innerJoin(walk, node, left, right);
    case 'LEFT':
    case 'RIGHT':
    case 'FULL':
    case 'OUTER':
      return outerJoin(walk, node, left, right);
    case 'SINGLE':
      return singleJoin(walk, node, left, right);
    case 'MARK':
      return markJoin(walk, node, left, right);
    case 'SEMI':
    case 'ANTI':
      return semiJoin(walk, node, left, right);
    default:
      return opaqueOperator(walk, node, `${node.type} ${node.join_type}`);
  }
}

/** The outer values for which a correlated subquery is evaluated: once for equal values, with the first one if they are distinguishable. */
function outerColumns(walk: Walk, node: PlanOperator, left: OperatorOutput): readonly Column[] {
  const columns = (node.duplicate_eliminated_columns ?? []).map(expression => walk.expression(expression, left));
  if (isTotal(left, new Set(columns.map(column => column.term)))) return columns;
  return columns.map(column => {
    if (hasExactEquality(column.type)) return column;
    const order = orderSeen(walk, left.order, 'correlated subquery');
    return { ...column, term: walk.terms.make('first of equal', column.term, left.rows.term, order) };
  });
}

/** The outer side of a correlated join. A lateral UNNEST numbers the outer rows only to match them later. */
function outerSide(walk: Walk, node: PlanOperator, child: PlanOperator): OperatorOutput {
  const [call, ...more] = (child.expressions ?? []).flat();
  const lateral = node.join_type === 'INNER' || node.join_type === 'LEFT';
  const bare = call?.type === 'WINDOW_ROW_NUMBER' && call.partitions?.length === 0 && call.orders?.length === 0;
  if (!lateral || child.type !== 'LOGICAL_WINDOW' || more.length > 0 || !bare || call.alias !== 'delim_index')
    return walk.operator(child);
  const input = windowInput(walk, child);
  return input ? window(walk, child, input, true) : walk.operator(child);
}

function innerJoin(walk: Walk, node: PlanOperator, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  const [a, b] = sidesOf(walk.terms, left, right);
  const joined = node.type === 'LOGICAL_DELIM_JOIN' ? crossed(walk, a, b) : crossProduct(walk, left, right);
  const width = left.columns.length;
  const scopes = [
    { ...a, columns: joined.columns.slice(0, width) },
    { ...b, columns: joined.columns.slice(width) },
  ] as const;
  const conditions = conditionsOf(walk, node, ...scopes);
  const output = filtered(walk.terms, joined, conditions);
  const kept = [
    ...(isTotal(b, new Set(conditions.equated)) ? a.keys : []),
    ...(isTotal(a, new Set(conditions.equatedLeft)) ? b.keys : []),
  ];
  return { ...output, keys: [...kept, ...output.keys] };
}

function crossed(walk: Walk, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  const rows = product(walk.terms, [left.rows, right.rows]);
  return {
    ...beside(left, right),
    rows,
    single: false,
    keys: keysTogether(left, right),
    order: joinOrder(walk, rows.term, left, right),
  };
}

/** LOGICAL_CROSS_PRODUCT. A relation of exactly one row does not change the rows of the other side. */
export function crossProduct(walk: Walk, first: OperatorOutput, second: OperatorOutput): OperatorOutput {
  const [left, right] = sidesOf(walk.terms, first, second);
  if (right.single) {
    const constant = constantColumns(walk, right);
    return {
      ...besideConstant(left, beside(left, constant), right),
      order: joinOrder(walk, left.rows.term, left, right),
    };
  }
  if (left.single) {
    const constant = constantColumns(walk, left);
    return {
      ...besideConstant(right, beside(constant, right), left),
      order: joinOrder(walk, right.rows.term, left, right),
    };
  }
  return crossed(walk, left, right);
}

function constantColumns(walk: Walk, single: OperatorOutput): OperatorOutput {
  const output = mapTerms(single, term => walk.terms.make('of one row', single.rows.term, term));
  const columns = output.columns.map(column => ({
    ...column,
    condition: union(column.condition, single.rowDependencies),
  }));
  return { ...output, columns, bases: new Set([walk.terms.make('of one row', single.rows.term)]) };
}

/** LOGICAL_DELIM_GET: the distinct outer values for which a correlated subquery is evaluated. */
export function outerValues(walk: Walk, node: PlanOperator): OperatorOutput {
  const outer = walk.outer.at(-1);
  if (!outer || outer.length !== node.chunk_types?.length) return opaqueOperator(walk, node, 'LOGICAL_DELIM_GET');
  const columns = outer.map(column => ({ ...column, term: walk.terms.make('outer', column.term) }));
  const rows = walk.terms.make(
    'outer rows',
    columns.map(column => column.term),
  );
  const output = freshOutput({ columns, rows, order: rows, keys: [columns.map(column => column.term)] });
  return bind(output, node.table_index);
}
