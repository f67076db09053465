import { isTotal, type OperatorOutput } from '../operators/operator-output.ts';
import { type Column, dependenciesOf, termsOf } from '../terms/column.ts';
import { functionName } from '../terms/function-names.ts';
import { functionParts } from './function-call.ts';
import { opaqueExpression } from './opaque-expression.ts';
import { orderKeys, orderSeen } from './row-order.ts';
import { isNullLiteral, wholeNumber } from '../plan-json/literals.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { unsupportedInExpression } from '../plan-json/unsupported.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { seesOrder } from './sees-order.ts';
import type { Term } from '../terms/term.ts';
import { typeOf, typeText } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

export interface WindowCall {
  readonly column: Column;
  readonly key: readonly Term[] | null;
}

export function windowCall(walk: Walk, call: PlanExpression, input: OperatorOutput): WindowCall {
  const unsupported = call.expression_class === 'BOUND_WINDOW' ? unsupportedInExpression(call) : call.expression_class;
  if (unsupported) {
    const opaque = opaqueExpression(walk, call, input, unsupported);
    const term = walk.terms.make('window', input.rows.term, opaque.term, orderSeen(walk, input.order, unsupported));
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
  const seen = order === null ? NO_DEPENDENCIES : input.orderDependencies;
  const column: Column = {
    term,
    type,
    value: union(...given.map(each => each.value)),
    condition: union(
      ...given.map(each => each.condition),
      ...decided.map(dependenciesOf),
      orders.dependencies,
      inner.dependencies,
      seen,
    ),
  };
  return { column, key: numbersRows(call) ? [...termsOf(partitions), term] : null };
}

/** Whether no two rows of a partition get the same number. With an ORDER BY among its arguments, numbers restart in each frame. */
const numbersRows = (call: PlanExpression): boolean =>
  call.type === 'WINDOW_ROW_NUMBER' && (call.arg_orders ?? []).length === 0 && !call.filters;

/** Defaults of `lag` and `lead`: an offset of one row, and NULL where there is no such row. */
const saysOne = (offset: PlanExpression | null | undefined): boolean => (offset ? wholeNumber(offset) === 1n : false);
const isNull = (value: PlanExpression | null | undefined): boolean => (value ? isNullLiteral(value) : false);

const windowName = (call: PlanExpression): string => call.name || call.type.replace('WINDOW_', '').toLowerCase();

const isOrdered = (input: OperatorOutput, partitions: readonly Column[], orders: readonly Column[]): boolean =>
  isTotal(input, new Set([...termsOf(partitions), ...termsOf(orders)]));

/** Window functions that give tied rows the same value. */
const TIE_BLIND = new Set(['WINDOW_RANK', 'WINDOW_RANK_DENSE', 'WINDOW_PERCENT_RANK', 'WINDOW_CUME_DIST']);
const TIE_BLIND_BOUNDS =
  /^(?:UNBOUNDED_(?:PRECEDING|FOLLOWING)|(?:CURRENT_ROW|EXPR_PRECEDING|EXPR_FOLLOWING)_(?:RANGE|GROUPS))$/;

function windowSeesOrder(call: PlanExpression): boolean {
  // With an ORDER BY among its arguments, a rank is relative to the frame.
  const framed = (call.arg_orders ?? []).length > 0;
  if (TIE_BLIND.has(call.type) && !framed) return false;
  if (call.type !== 'WINDOW_AGGREGATE' && !TIE_BLIND.has(call.type)) return true;
  const bounds = [call.start ?? '', call.end ?? ''];
  if (!bounds.every(bound => TIE_BLIND_BOUNDS.test(bound))) return true;
  return call.type === 'WINDOW_AGGREGATE' && seesOrder(call.name ?? '', call.children ?? []);
}
