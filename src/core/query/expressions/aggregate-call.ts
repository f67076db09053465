import { type Column, dependenciesOf, termsOf } from '../terms/column.ts';
import { type OperatorOutput, isTotal } from '../operators/operator-output.ts';
import { functionParts } from './function-call.ts';
import { type OrderKeys, arrivalOf, orderKeys, orderSeen } from './row-order.ts';
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

/** The groups over which aggregates are computed. */
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

/** The column of an aggregate over the groups. */
export function aggregateCall(walk: Walk, call: PlanExpression, grouping: Grouping): Column {
  const unsupported =
    call.expression_class === 'BOUND_AGGREGATE' ? unsupportedInExpression(call) : call.expression_class;
  if (unsupported) return opaqueAggregate(walk, call, { grouping, unsupported });
  if (!isRowCount(call)) return computedAggregate(walk, call, grouping);
  const term = walk.terms.make('aggregate', grouping.rows, 'count');
  return { term, type: typeOf(call), value: NO_DEPENDENCIES, condition: NO_DEPENDENCIES };
}

function opaqueAggregate(
  walk: Walk,
  call: PlanExpression,
  { grouping, unsupported }: { readonly grouping: Grouping; readonly unsupported: string },
): Column {
  const { output, rows } = grouping;
  const opaque = opaqueExpression(walk, call, output, unsupported);
  const seen = orderSeen(walk, output.order, unsupported);
  return { ...opaque, term: walk.terms.make('aggregate', rows, opaque.term, seen) };
}

interface AggregateParts {
  readonly children: readonly Column[];
  readonly filter: Column | null;
  readonly keys: OrderKeys;
}

function computedAggregate(walk: Walk, call: PlanExpression, grouping: Grouping): Column {
  const { output } = grouping;
  const parts: AggregateParts = {
    children: (call.children ?? []).map(child => walk.expression(child, output)),
    filter: isFiltered(call) && call.filter ? walk.expression(call.filter, output) : null,
    keys: orderKeys(walk, call.order_bys?.orders ?? [], output),
  };
  const { children, filter, keys } = parts;
  const sees = callSeesOrder(call, grouping, parts);
  const order = sees ? orderSeen(walk, output.order, call.name ?? '') : null;
  return {
    term: aggregateTerm(walk, call, { grouping, parts, order }),
    type: typeOf(call),
    value: union(...children.map(child => child.value)),
    condition: union(
      ...children.map(child => child.condition),
      filter ? dependenciesOf(filter) : NO_DEPENDENCIES,
      keys.dependencies,
      sees ? output.orderDependencies : NO_DEPENDENCIES,
    ),
  };
}

function aggregateTerm(
  walk: Walk,
  call: PlanExpression,
  made: { readonly grouping: Grouping; readonly parts: AggregateParts; readonly order: Term | null },
): Term {
  const { children, filter, keys } = made.parts;
  const { name = '', aggregate_type: kind } = call;
  const own = [
    functionName(name),
    typeText(typeOf(call)),
    kind,
    functionParts(walk, call),
    termsOf(children),
    filter?.term,
  ];
  const signed = made.order !== null && children.some(child => hasSignedZero(child.type));
  const arrival = signed ? arrivalOf(made.grouping.below) : null;
  return walk.terms.make('aggregate', made.grouping.rows, own, keys.parts, made.order, arrival);
}

function callSeesOrder(call: PlanExpression, grouping: Grouping, { children, keys }: AggregateParts): boolean {
  if (grouping.tiny || !seesOrder(call.name ?? '', call.children ?? [])) return false;
  const sorted = new Set(termsOf(keys.columns));
  // If every argument is a sort key, tied rows hold the same arguments.
  if (sorted.size > 0 && children.every(child => sorted.has(child.term) && hasExactEquality(child.type))) return false;
  return !isTotal(grouping.output, new Set([...grouping.groups, ...sorted]));
}
