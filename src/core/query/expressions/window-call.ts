import { isTotal, type OperatorOutput } from '../operators/operator-output.ts';
import { type Column, dependenciesOf, termsOf } from '../terms/column.ts';
import { functionName } from '../terms/function-names.ts';
import { functionParts } from './function-call.ts';
import { opaqueExpression } from './opaque-expression.ts';
import { type OrderKeys, orderKeys, orderSeen } from './row-order.ts';
import { isNullLiteral, wholeNumber } from '../plan-json/literals.ts';
import { type Dependencies, NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { unsupportedInExpression } from '../plan-json/unsupported.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { seesOrder } from './sees-order.ts';
import type { Term } from '../terms/term.ts';
import { typeOf, typeText } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

/** The column of a window function, and a key if it numbers rows. */
export interface WindowCall {
  readonly column: Column;
  readonly key: readonly Term[] | null;
}

/** The column that a window function adds, and the columns that it makes a key with. */
export function windowCall(walk: Walk, call: PlanExpression, input: OperatorOutput): WindowCall {
  const unsupported = call.expression_class === 'BOUND_WINDOW' ? unsupportedInExpression(call) : call.expression_class;
  if (unsupported) return opaqueWindow(walk, call, { input, unsupported });
  const parts = partsOf(walk, call, input);
  const order = !isTotalOrder(input, parts) && windowSeesOrder(call) ? input.order : null;
  const seen = order === null ? null : orderSeen(walk, order, windowName(call));
  const term = windowTerm(walk, call, { rows: input.rows.term, parts, seen });
  const dependencies = dependenciesOfParts(parts, seen === null ? NO_DEPENDENCIES : input.orderDependencies);
  const column: Column = { term, type: typeOf(call), ...dependencies };
  return { column, key: numbersRows(call) ? [...termsOf(parts.partitions), term] : null };
}

function opaqueWindow(
  walk: Walk,
  call: PlanExpression,
  { input, unsupported }: { readonly input: OperatorOutput; readonly unsupported: string },
): WindowCall {
  const opaque = opaqueExpression(walk, call, input, unsupported);
  const term = walk.terms.make('window', input.rows.term, opaque.term, orderSeen(walk, input.order, unsupported));
  return { column: { ...opaque, term }, key: null };
}

interface WindowParts {
  readonly children: readonly Column[];
  readonly partitions: readonly Column[];
  readonly orders: OrderKeys;
  /** The ORDER BY among the arguments. */
  readonly inner: OrderKeys;
  /** FILTER and the bounds of the frame, which only select rows. */
  readonly bounds: readonly (Column | null)[];
  /** Offset and default of `lag` and `lead`. */
  readonly offsets: readonly (Column | null)[];
}

function partsOf(walk: Walk, call: PlanExpression, input: OperatorOutput): WindowParts {
  const optional = (expression: PlanExpression | null | undefined): Column | null =>
    expression ? walk.expression(expression, input) : null;
  return {
    children: (call.children ?? []).map(child => walk.expression(child, input)),
    partitions: (call.partitions ?? []).map(partition => walk.expression(partition, input)),
    orders: orderKeys(walk, call.orders ?? [], input),
    inner: orderKeys(walk, call.arg_orders ?? [], input),
    bounds: [call.filters, call.start_expr, call.end_expr].map(optional),
    offsets: [
      saysOne(call.offset_expr) ? null : call.offset_expr,
      isNull(call.default_expr) ? null : call.default_expr,
    ].map(optional),
  };
}

/** Whether no two rows tie in the window's order, nor in the one among its arguments. */
const isTotalOrder = (input: OperatorOutput, { partitions, orders, inner }: WindowParts): boolean =>
  isOrdered(input, partitions, orders.columns) &&
  (inner.columns.length === 0 || isOrdered(input, partitions, inner.columns));

function windowTerm(
  walk: Walk,
  call: PlanExpression,
  { rows, parts, seen }: { readonly rows: Term; readonly parts: WindowParts; readonly seen: Term | null },
): Term {
  const { children, partitions, orders, inner, bounds, offsets } = parts;
  const { ignore_nulls: ignoreNulls, start, end, exclude_clause: exclude, distinct } = call;
  return walk.terms.make(
    'window',
    rows,
    [call.type, functionName(call.name ?? ''), typeText(typeOf(call))],
    [ignoreNulls, start, end, exclude, distinct, functionParts(walk, call)],
    [termsOf(children), [...termsOf(partitions)].sort(), orders.parts, inner.parts],
    [...bounds, ...offsets].map(column => column?.term),
    seen,
  );
}

function dependenciesOfParts(parts: WindowParts, seen: Dependencies): Pick<Column, 'value' | 'condition'> {
  const given = [...parts.children, ...parts.offsets.filter(column => column !== null)];
  const selecting = [...parts.partitions, ...parts.bounds.filter(column => column !== null)];
  const { orders, inner } = parts;
  return {
    value: union(...given.map(each => each.value)),
    condition: union(
      ...given.map(each => each.condition),
      ...selecting.map(dependenciesOf),
      orders.dependencies,
      inner.dependencies,
      seen,
    ),
  };
}

/** Whether no two rows of a partition get the same number. With an ORDER BY among its arguments, numbers restart in each frame. */
const numbersRows = (call: PlanExpression): boolean =>
  call.type === 'WINDOW_ROW_NUMBER' && (call.arg_orders ?? []).length === 0 && !call.filters;

/** Defaults of `lag` and `lead`: an offset of one row, and NULL if there is no such row. */
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
