import { isTotal, bind, type Column, type Frame, namesOf, part, withoutHints } from '../operators/frame.ts';
import { functionName } from '../terms/function-names.ts';
import { functionParts, opaqueExpression, orderKeys, termsOf } from './expression.ts';
import { orderSeen } from './aggregates.ts';
import { isNullLiteral, wholeNumber } from '../terms/constants.ts';
import { NO_NAMES, union } from '../plan-json/names.ts';
import { strangeExpression } from '../plan-json/plan-fields.ts';
import { childAt, type PlanExpression, type PlanOperator } from '../plan-json/plan-tree.ts';
import { seesOrder } from '../terms/sees-order.ts';
import { sortedBy } from '../operators/sorted-zeroes.ts';
import type { Part, Term } from '../terms/terms.ts';
import { typeOf, typeText } from '../plan-json/types.ts';
import type { Walk } from '../walk.ts';

/** LOGICAL_WINDOW: every row stays, and gets columns that depend on all rows. */
export function window(walk: Walk, node: PlanOperator, given: Frame, rowIdentity = false): Frame {
  const calls = (node.expressions ?? []).flat();
  const input = sortedBy(walk, given, calls.flatMap(sortKeysOf));
  const sequence = walk.terms.make(
    'window sequence',
    input.order,
    calls.map(call => sortsOf(walk, call, input)),
  );
  const added = calls.map(call =>
    rowIdentity ? identityOfRows(walk, call, input) : windowCall(walk, call, { ...input, order: sequence }),
  );
  const kept = withoutHints(input);
  const repeated = added.filter((_, index) => repeatsRows(calls[index])).map(call => call.column.term);
  const frame: Frame = {
    ...kept,
    ...(repeated.length > 0 ? { rows: part(walk.terms.make('streamed', input.rows.term, repeated)) } : {}),
    columns: [...input.columns, ...added.map(call => call.column)],
    keys: repeated.length > 0 ? [] : [...input.keys, ...added.flatMap(call => (call.key ? [call.key] : []))],
    order: walk.terms.make(
      'window order',
      input.rows.term,
      input.order,
      added.map(call => call.column.term),
    ),
  };
  return bind(frame, node.window_index, input.columns.length);
}

/** DuckDB 1.5.5 gives rows of a join twice where `lead` or `lag` looks ahead over rows without partitions and order. */
const repeatsRows = (call: PlanExpression | undefined): boolean =>
  /^WINDOW_(?:LEAD|LAG)$/.test(call?.type ?? '') && !call?.partitions?.length && !call?.orders?.length;

/** How a window sorts its rows: windows beside it meet ties in the order that it leaves. */
function sortsOf(walk: Walk, call: PlanExpression, input: Frame): Part {
  const partitions = (call.partitions ?? []).map(partition => walk.expression(partition, input));
  return [termsOf(partitions), orderKeys(walk, call.orders ?? [], input).parts];
}

const sortKeysOf = (call: PlanExpression): readonly PlanExpression[] => [
  ...(call.partitions ?? []),
  ...(call.orders ?? []).map(order => order.expression),
];

export const windowInput = (walk: Walk, node: PlanOperator): Frame | null => {
  const child = childAt(node, 0);
  return child ? walk.operator(child) : null;
};

interface WindowCall {
  readonly column: Column;
  readonly key: readonly Term[] | null;
}

/** The row number by which DuckDB finds rows again after a lateral UNNEST: only whether two are equal can be seen. */
function identityOfRows(walk: Walk, call: PlanExpression, input: Frame): WindowCall {
  const term = walk.terms.make('row identity', input.rows.term);
  return { column: { term, type: typeOf(call), value: NO_NAMES, condition: NO_NAMES }, key: [term] };
}

function windowCall(walk: Walk, call: PlanExpression, input: Frame): WindowCall {
  const strange = call.expression_class === 'BOUND_WINDOW' ? strangeExpression(call) : call.expression_class;
  if (strange) {
    const opaque = opaqueExpression(walk, call, input, strange);
    const term = walk.terms.make('window', input.rows.term, opaque.term, orderSeen(walk, input.order, strange));
    return { column: { ...opaque, term }, key: null };
  }
  const optional = (expression: PlanExpression | null | undefined): Column | null =>
    expression ? walk.expression(expression, input) : null;
  const children = (call.children ?? []).map(child => walk.expression(child, input));
  const partitions = (call.partitions ?? []).map(partition => walk.expression(partition, input));
  const orders = orderKeys(walk, call.orders ?? [], input);
  const inner = orderKeys(walk, call.arg_orders ?? [], input);
  const deciding = [call.filters, call.start_expr, call.end_expr].map(optional);
  const giving = [
    saysOne(call.offset_expr) ? null : call.offset_expr,
    isNull(call.default_expr) ? null : call.default_expr,
  ].map(optional);
  const total =
    isOrdered(input, partitions, orders.columns) &&
    (inner.columns.length === 0 || isOrdered(input, partitions, inner.columns));
  const order = !total && windowSeesOrder(call) ? orderSeen(walk, input.order, windowName(call)) : null;
  const type = typeOf(call);
  const shape = [
    call.ignore_nulls,
    call.start,
    call.end,
    call.exclude_clause,
    call.distinct,
    functionParts(walk, call),
  ];
  const operands = [termsOf(children), [...termsOf(partitions)].sort(), orders.parts, inner.parts];
  const bounds = [...deciding, ...giving].map(column => column?.term);
  const term = walk.terms.make(
    'window',
    input.rows.term,
    [call.type, functionName(call.name ?? ''), typeText(type)],
    shape,
    operands,
    bounds,
    order,
  );
  const given = [...children, ...giving.filter(column => column !== null)];
  const decided = [...partitions, ...deciding.filter(column => column !== null)];
  const seen = order === null ? NO_NAMES : input.orderNames;
  const column: Column = {
    term,
    type,
    value: union(...given.map(each => each.value)),
    condition: union(...given.map(each => each.condition), ...decided.map(namesOf), orders.names, inner.names, seen),
  };
  return { column, key: numbersRows(call) ? [...termsOf(partitions), term] : null };
}

/** Whether no two rows of a partition get the same number: with an ORDER BY among its arguments the number is one within a frame. */
const numbersRows = (call: PlanExpression): boolean =>
  call.type === 'WINDOW_ROW_NUMBER' && (call.arg_orders ?? []).length === 0 && !call.filters;

/** What `lag` and `lead` do when nothing is said: one row further, and NULL where there is none. */
const saysOne = (offset: PlanExpression | null | undefined): boolean => (offset ? wholeNumber(offset) === 1n : false);
const isNull = (value: PlanExpression | null | undefined): boolean => (value ? isNullLiteral(value) : false);

const windowName = (call: PlanExpression): string => call.name || call.type.replace('WINDOW_', '').toLowerCase();

const isOrdered = (input: Frame, partitions: readonly Column[], orders: readonly Column[]): boolean =>
  isTotal(input, new Set([...termsOf(partitions), ...termsOf(orders)]));

/** Window functions that give rows which tie the same value. */
const TIE_BLIND = new Set(['WINDOW_RANK', 'WINDOW_RANK_DENSE', 'WINDOW_PERCENT_RANK', 'WINDOW_CUME_DIST']);
const TIE_BLIND_BOUNDS =
  /^(?:UNBOUNDED_(?:PRECEDING|FOLLOWING)|(?:CURRENT_ROW|EXPR_PRECEDING|EXPR_FOLLOWING)_(?:RANGE|GROUPS))$/;

function windowSeesOrder(call: PlanExpression): boolean {
  // With an ORDER BY of its own among the arguments, a rank is one within the frame.
  const framed = (call.arg_orders ?? []).length > 0;
  if (TIE_BLIND.has(call.type) && !framed) return false;
  if (call.type !== 'WINDOW_AGGREGATE' && !TIE_BLIND.has(call.type)) return true;
  const bounds = [call.start ?? '', call.end ?? ''];
  if (!bounds.every(bound => TIE_BLIND_BOUNDS.test(bound))) return true;
  return call.type === 'WINDOW_AGGREGATE' && seesOrder(call.name ?? '', call.children ?? []);
}
