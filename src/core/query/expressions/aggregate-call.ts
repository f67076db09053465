import { type Column, dependenciesOf, termsOf } from '../terms/column.ts';
import { type OperatorOutput, isTotal } from '../operators/operator-output.ts';
import { functionParts } from './function-call.ts';
import { orderKeys, arrivalOf, orderSeen } from './row-order.ts';
import { truthValue, wholeNumber } from '../plan-json/literals.ts';
import { functionName } from '../terms/function-names.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { unsupportedInExpression } from '../plan-json/unsupported.ts';
import { opaqueExpression } from './opaque-expression.ts';
import type { PlanExpression, PlanOperator } from '../plan-json/plan-tree.ts';
import type { Term } from '../terms/term.ts';
import { seesOrder } from './sees-order.ts';
import { hasExactEquality, hasSignedZero, typeOf, typeText } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

export interface Grouping {
  readonly output: OperatorOutput;
  readonly groups: readonly Term[];
  /** The rows that the groups consist of. */
  readonly rows: Term;
  /** Whether every group is known to have at most one row. */
  readonly tiny: boolean;
  /** The part of the plan that produces the rows. */
  readonly below: PlanOperator | undefined;
}

/** `count(*)` and `count(1)`. */
export function isRowCount(call: PlanExpression): boolean {
  const { name, children = [], aggregate_type: kind } = call;
  if (
    (name !== 'count' && name !== 'count_star') ||
    kind === 'DISTINCT' ||
    isFiltered(call) ||
    unsupportedInExpression(call)
  )
    return false;
  return children.length <= 1 && children.every(isCertainLiteral);
}

/** A literal that is not NULL and cannot fail. */
const isCertainLiteral = (value: PlanExpression): boolean =>
  value.expression_class === 'BOUND_CONSTANT'
    ? value.value?.is_null === false
    : wholeNumber(value) !== null || truthValue(value) !== null;

const isFiltered = ({ filter }: PlanExpression): boolean => Boolean(filter) && (!filter || truthValue(filter) !== true);

export function aggregateCall(walk: Walk, call: PlanExpression, grouping: Grouping): Column {
  const { terms } = walk;
  const { output, rows } = grouping;
  const unsupported =
    call.expression_class === 'BOUND_AGGREGATE' ? unsupportedInExpression(call) : call.expression_class;
  if (unsupported) {
    const opaque = opaqueExpression(walk, call, output, unsupported);
    return { ...opaque, term: terms.make('aggregate', rows, opaque.term, orderSeen(walk, output.order, unsupported)) };
  }
  const type = typeOf(call);
  if (isRowCount(call))
    return { term: terms.make('aggregate', rows, 'count'), type, value: NO_DEPENDENCIES, condition: NO_DEPENDENCIES };
  const children = (call.children ?? []).map(child => walk.expression(child, output));
  const filter = isFiltered(call) && call.filter ? walk.expression(call.filter, output) : null;
  const keys = orderKeys(walk, call.order_bys?.orders ?? [], output);
  const order = callSeesOrder(call, grouping, children, keys.columns)
    ? orderSeen(walk, output.order, call.name ?? '')
    : null;
  const parts = [
    functionName(call.name ?? ''),
    typeText(type),
    call.aggregate_type,
    functionParts(walk, call),
    termsOf(children),
    filter?.term,
  ];
  const signed = order !== null && children.some(child => hasSignedZero(child.type));
  const arrival = signed ? arrivalOf(grouping.below) : null;
  const term = terms.make('aggregate', rows, parts, keys.parts, order, arrival);
  const seen = order === null ? NO_DEPENDENCIES : output.orderDependencies;
  return {
    term,
    type,
    value: union(...children.map(child => child.value)),
    condition: union(
      ...children.map(child => child.condition),
      filter ? dependenciesOf(filter) : NO_DEPENDENCIES,
      keys.dependencies,
      seen,
    ),
  };
}

function callSeesOrder(
  call: PlanExpression,
  grouping: Grouping,
  children: readonly Column[],
  keys: readonly Column[],
): boolean {
  if (grouping.tiny || !seesOrder(call.name ?? '', call.children ?? [])) return false;
  const sorted = new Set(termsOf(keys));
  // If every argument is a sort key, tied rows hold the same arguments.
  if (sorted.size > 0 && children.every(child => sorted.has(child.term) && hasExactEquality(child.type))) return false;
  return !isTotal(grouping.output, new Set([...grouping.groups, ...sorted]));
}
