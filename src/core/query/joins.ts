import {
  beside,
  bind,
  type Column,
  type Frame,
  filtered,
  freshFrame,
  isTotal,
  keysTogether,
  mapTerms,
  part,
  product,
  sidesOf,
  tagged,
  withoutHints,
} from './frame.ts';
import { orderSeen } from './aggregates.ts';
import { conditionsOf, isPair, type JoinConditions } from './join-conditions.ts';
import { type Names, union } from './names.ts';
import { opaqueOperator } from './opaque.ts';
import { childAt, type PlanOperator } from './plan-tree.ts';
import { asBag, asSet, type Part, type Term } from './terms.ts';
import { sortedBy } from './sorted-zeroes.ts';
import { BOOLEAN, hasExactEquality } from './types.ts';
import type { Walk } from './walk.ts';
import { window, windowInput } from './windows.ts';

/** LOGICAL_COMPARISON_JOIN, _DELIM_JOIN, _ANY_JOIN and _ASOF_JOIN. */
export function join(walk: Walk, node: PlanOperator): Frame {
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

/** The outer values that a correlated subquery is asked for, once for equal ones: where these can be told apart, for the first. */
function outerColumns(walk: Walk, node: PlanOperator, left: Frame): readonly Column[] {
  const columns = (node.duplicate_eliminated_columns ?? []).map(expression => walk.expression(expression, left));
  if (isTotal(left, new Set(columns.map(column => column.term)))) return columns;
  return columns.map(column => {
    if (hasExactEquality(column.type)) return column;
    const order = orderSeen(walk, left.order, 'correlated subquery');
    return { ...column, term: walk.terms.make('first of equal', column.term, left.rows.term, order) };
  });
}

/** The outer side of a correlated join. A lateral UNNEST numbers the outer rows only to find them again. */
function outerSide(walk: Walk, node: PlanOperator, child: PlanOperator): Frame {
  const [call, ...more] = (child.expressions ?? []).flat();
  const lateral = node.join_type === 'INNER' || node.join_type === 'LEFT';
  const bare = call?.type === 'WINDOW_ROW_NUMBER' && call.partitions?.length === 0 && call.orders?.length === 0;
  if (!lateral || child.type !== 'LOGICAL_WINDOW' || more.length > 0 || !bare || call.alias !== 'delim_index')
    return walk.operator(child);
  const input = windowInput(walk, child);
  return input ? window(walk, child, input, true) : walk.operator(child);
}

const joinOrder = (walk: Walk, rows: Term, left: Frame, right: Frame): Term =>
  walk.terms.make('join order', rows, left.order, right.order);

function innerJoin(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Frame {
  const [a, b] = sidesOf(walk.terms, left, right);
  const joined = node.type === 'LOGICAL_DELIM_JOIN' ? crossed(walk, a, b) : crossProduct(walk, left, right);
  const width = left.columns.length;
  const scopes = [
    { ...a, columns: joined.columns.slice(0, width) },
    { ...b, columns: joined.columns.slice(width) },
  ] as const;
  const conditions = conditionsOf(walk, node, ...scopes);
  const frame = filtered(walk.terms, joined, conditions);
  const kept = [
    ...(isTotal(b, new Set(conditions.equated)) ? a.keys : []),
    ...(isTotal(a, new Set(conditions.equatedLeft)) ? b.keys : []),
  ];
  return { ...frame, keys: [...kept, ...frame.keys] };
}

function crossed(walk: Walk, left: Frame, right: Frame): Frame {
  const rows = product(walk.terms, [left.rows, right.rows]);
  return {
    ...beside(left, right),
    rows,
    single: false,
    keys: keysTogether(left, right),
    order: joinOrder(walk, rows.term, left, right),
  };
}

/** LOGICAL_CROSS_PRODUCT. Beside a relation of exactly one row, the other side's rows stay what they are. */
export function crossProduct(walk: Walk, first: Frame, second: Frame): Frame {
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

function constantColumns(walk: Walk, single: Frame): Frame {
  const frame = mapTerms(single, term => walk.terms.make('of one row', single.rows.term, term));
  const columns = frame.columns.map(column => ({ ...column, condition: union(column.condition, single.rowNames) }));
  return { ...frame, columns, bases: new Set([walk.terms.make('of one row', single.rows.term)]) };
}

function besideConstant(kept: Frame, both: ReturnType<typeof beside>, single: Frame): Omit<Frame, 'order'> {
  const { rows, single: alone, keys, sorted, rowNames, orderNames } = kept;
  return { ...both, rows, single: alone && single.single, keys, sorted, rowNames, orderNames };
}

/** The sides of a join that pads, told apart also where neither reads anything: `SELECT 1` twice. */
function paddedSides(walk: Walk, left: Frame, right: Frame): readonly [Frame, Frame] {
  return left.rows.term === right.rows.term
    ? [tagged(walk.terms, left, 'left'), tagged(walk.terms, right, 'right')]
    : sidesOf(walk.terms, left, right);
}

/** The side of a join that is NULL where it found nothing: none of its columns means outside what it meant inside. */
function padded(walk: Walk, side: Frame, rows: Term): Frame {
  return mapTerms(side, term => walk.terms.make('padded', rows, side.rows.term, term));
}

function outerJoin(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Frame {
  const [inner, outer] = paddedSides(walk, left, right);
  const conditions = conditionsOf(walk, node, inner, outer);
  if (node.join_type === 'LEFT' && isTotal(outer, new Set(conditions.equated)))
    return lookup(walk, inner, outer, conditions);
  const rows = outerRows(walk, node, inner, outer, asSet(conditions.terms));
  const a = node.join_type === 'LEFT' ? inner : padded(walk, inner, rows);
  const b = node.join_type === 'RIGHT' ? outer : padded(walk, outer, rows);
  const both = beside(a, b);
  return {
    ...both,
    rows: part(rows),
    // Columns that are not padded stay functions of the rows of their side, and all are functions of the pairs.
    bases: new Set([...both.bases, rows]),
    single: false,
    // Rows of both sides that found nothing may look alike in all keys.
    keys: node.join_type === 'LEFT' || node.join_type === 'RIGHT' ? keysTogether(a, b) : [],
    order: joinOrder(walk, rows, a, b),
    rowNames: union(both.rowNames, conditions.names),
  };
}

function outerRows(walk: Walk, node: PlanOperator, left: Frame, right: Frame, conditions: readonly Term[]): Term {
  const { terms } = walk;
  if (node.join_type === 'LEFT') return terms.make('left join', left.rows.term, right.rows.term, conditions);
  if (node.join_type === 'RIGHT') return terms.make('left join', right.rows.term, left.rows.term, conditions);
  return terms.make('full join', asBag([left.rows.term, right.rows.term]), conditions);
}

/** A LEFT JOIN that finds at most one row for each: rows stay, columns are looked up. */
function lookup(walk: Walk, left: Frame, right: Frame, conditions: JoinConditions): Frame {
  const key = walk.terms.make('lookup', right.rows.term, asSet(conditions.terms));
  return withLookedUp(walk, left, right, { key, names: conditions.names });
}

function withLookedUp(walk: Walk, left: Frame, right: Frame, by: { readonly key: Term; readonly names: Names }): Frame {
  const found = mapTerms(right, term => walk.terms.make('looked up', by.key, term));
  const deciding = union(by.names, right.rowNames);
  const columns = found.columns.map(column => ({ ...column, condition: union(column.condition, deciding) }));
  const both = beside(left, { ...found, columns, bases: new Set([walk.terms.make('looked up', by.key)]) });
  return { ...besideConstant(left, both, right), single: false, order: joinOrder(walk, left.rows.term, left, right) };
}

/** A scalar subquery: the query fails where it finds more than one row. */
function singleJoin(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Frame {
  const inner = tagged(walk.terms, right, 'inner');
  const conditions = conditionsOf(walk, node, left, inner);
  const key = walk.terms.make('scalar', inner.rows.term, asSet(conditions.terms));
  return withLookedUp(walk, left, inner, { key, names: conditions.names });
}

/** The side in which a row is looked for, without what only makes duplicates; a volatile condition can see these. */
function askedSide(
  walk: Walk,
  node: PlanOperator,
  left: Frame,
  right: Frame,
): { readonly inner: Frame; readonly conditions: JoinConditions } {
  const ask = (side: Frame) => {
    const inner = tagged(walk.terms, side, 'inner');
    return { inner, conditions: conditionsOf(walk, node, left, inner) };
  };
  const asked = ask(right.support ?? right);
  return asked.conditions.terms.some(term => walk.terms.isVolatile(term)) ? ask(right) : asked;
}

/** IN, ANY, EXISTS: one truth value for each row of the left side. Duplicates on the right cannot be seen. */
function markJoin(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Frame {
  const { inner, conditions } = askedSide(walk, node, left, right);
  const term = walk.terms.make('mark', inner.rows.term, asSet(conditions.terms));
  const value = valueNames(walk, node, left, inner);
  const deciding = new Set([...conditions.names].filter(name => !value.has(name)));
  const mark: Column = { term, type: BOOLEAN, value, condition: union(deciding, inner.rowNames) };
  const kept = withoutHints(left);
  const frame = { ...kept, columns: [...left.columns, mark], order: joinOrder(walk, left.rows.term, left, right) };
  return bind(frame, node.mark_index, left.columns.length);
}

function valueNames(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Names {
  // The first pairs are those of outer columns with themselves.
  const pairs = (node.conditions ?? []).slice(node.duplicate_eliminated_columns?.length ?? 0).filter(isPair);
  const columns = pairs.flatMap(pair => [walk.expression(pair.left, left), walk.expression(pair.right, right)]);
  return union(...columns.map(column => column.value));
}

function semiJoin(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Frame {
  const { inner, conditions } = askedSide(walk, node, left, right);
  // Whether a row is found is what IN asks, and only its truth counts here.
  const exists = walk.terms.make(node.join_type === 'SEMI' ? 'mark' : 'ANTI', inner.rows.term, asSet(conditions.terms));
  const names = union(conditions.names, inner.rowNames);
  const frame = filtered(walk.terms, left, { terms: [exists], names, strict: [] });
  return { ...frame, order: joinOrder(walk, frame.rows.term, left, right) };
}

/** Finds the nearest row; which of several equally near ones depends on their order. */
function asofJoin(walk: Walk, node: PlanOperator, left: Frame, right: Frame): Frame {
  if (node.join_type !== 'INNER' && node.join_type !== 'LEFT')
    return opaqueOperator(walk, node, `${node.type} ${node.join_type}`);
  const [unsortedLeft, unsortedRight] = paddedSides(walk, left, right);
  const keys = (node.conditions ?? []).filter(isPair);
  const a = sortedBy(
    walk,
    unsortedLeft,
    keys.map(key => key.left),
  );
  const b = sortedBy(
    walk,
    unsortedRight,
    keys.map(key => key.right),
  );
  const conditions = conditionsOf(walk, node, a, b);
  const order = orderSeen(walk, right.order, 'ASOF JOIN');
  const rows = walk.terms.make('asof', node.join_type, a.rows.term, b.rows.term, conditions.terms, order);
  const found = node.join_type === 'LEFT' ? padded(walk, b, rows) : b;
  return pairs(walk, { left: a, right: found, rows, names: union(conditions.names, right.orderNames) });
}

/** LOGICAL_POSITIONAL_JOIN: the shorter side is padded, whichever it is. */
export function positionalJoin(walk: Walk, left: Frame, right: Frame): Frame {
  const [a, b] = paddedSides(walk, left, right);
  const seen: readonly Part[] = [left.order, right.order].map(order => orderSeen(walk, order, 'POSITIONAL JOIN'));
  const rows = walk.terms.make('positional', a.rows.term, b.rows.term, seen);
  const sides = { left: padded(walk, a, rows), right: padded(walk, b, rows) };
  return pairs(walk, { ...sides, rows, names: union(left.orderNames, right.orderNames) });
}

function pairs(
  walk: Walk,
  join: { readonly left: Frame; readonly right: Frame; readonly rows: Term; readonly names: Names },
): Frame {
  const { left, right, rows, names } = join;
  const both = beside(left, right);
  const frame = { ...both, rows, bases: new Set([...both.bases, rows]), order: joinOrder(walk, rows, left, right) };
  return freshFrame({ ...frame, rowNames: union(both.rowNames, names) });
}

/** LOGICAL_DELIM_GET: the distinct outer values that a correlated subquery is asked for. */
export function outerValues(walk: Walk, node: PlanOperator): Frame {
  const outer = walk.outer.at(-1);
  if (!outer || outer.length !== node.chunk_types?.length) return opaqueOperator(walk, node, 'LOGICAL_DELIM_GET');
  const columns = outer.map(column => ({ ...column, term: walk.terms.make('outer', column.term) }));
  const rows = walk.terms.make(
    'outer rows',
    columns.map(column => column.term),
  );
  const frame = freshFrame({ columns, rows, order: rows, keys: [columns.map(column => column.term)] });
  return bind(frame, node.table_index);
}
