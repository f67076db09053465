import type { PlanExpression, PlanOperator } from './plan-tree.ts';

/**
 * Recognises how DuckDB binds a scalar subquery: `CASE WHEN count(*) > 1 THEN error(…) ELSE first(x) END`. Its `first`
 * sees no order, since the query fails if there is more than one row.
 */
export function isScalarSubquery(projection: PlanOperator, child: PlanOperator): boolean {
  if (child.type !== 'LOGICAL_AGGREGATE_AND_GROUP_BY' || (child.groups ?? []).length > 0) return false;
  const calls = (child.expressions ?? []).flat();
  const count = calls.findIndex(call => call.name === 'count_star' && !call.filter);
  if (count < 0 || calls.some(call => call.name !== 'first' && call.name !== 'count_star')) return false;
  return (projection.expressions ?? []).flat().every(expression => isGuarded(expression, count));
}

function isGuarded(expression: PlanExpression, count: number): boolean {
  const [check, ...more] = expression.case_checks ?? [];
  if (expression.expression_class !== 'BOUND_CASE' || !check || more.length > 0) return false;
  const { when_expr: when, then_expr: then } = check;
  const tooMany = when.type === 'COMPARE_GREATERTHAN' && refersTo(when.left, count) && isOne(when.right);
  return tooMany && callsError(then) && expression.else_expr?.expression_class === 'BOUND_REF';
}

const refersTo = (expression: PlanExpression | undefined, index: number): boolean =>
  expression?.expression_class === 'BOUND_REF' && Number(expression.index) === index;

const isOne = (expression: PlanExpression | undefined): boolean =>
  expression?.expression_class === 'BOUND_CONSTANT' && expression.value?.value === 1;

function callsError(expression: PlanExpression): boolean {
  if (expression.expression_class === 'BOUND_CAST' && expression.child) return callsError(expression.child);
  return expression.expression_class === 'BOUND_FUNCTION' && expression.name === 'error';
}
