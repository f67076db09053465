import { numberTerm } from './comparison.ts';
import { conditionOf, isCondition } from './analyse-condition.ts';
import { conditionTerm } from './condition.ts';
import { isIdentityCast, wholeNumber } from '../plan-json/literals.ts';
import { type Column, dependenciesOfAll, termsOf, fromColumns } from '../terms/column.ts';
import type { Scope } from '../operators/operator-output.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { unsupportedInExpression } from '../plan-json/unsupported.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import type { Term } from '../terms/term.ts';
import { BOOLEAN, typeOf, typeText } from '../plan-json/plan-types.ts';
import { plainText, type Walk } from '../walk.ts';
import { functionOf } from './function-call.ts';
import { opaqueExpression } from './opaque-expression.ts';

/** The term of an expression and its dependencies. `asCondition` false keeps truth values as written. */
export function analyseExpression(walk: Walk, expression: PlanExpression, scope: Scope, asCondition = true): Column {
  const unsupported = unsupportedInExpression(expression);
  if (unsupported) return opaqueExpression(walk, expression, scope, unsupported);
  if (asCondition && isCondition(expression)) return truthOf(walk, expression, scope);
  const number = wholeNumber(expression);
  if (number !== null) {
    const type = typeOf(expression);
    return literal(numberTerm(walk, number, type), type);
  }
  switch (expression.expression_class) {
    case 'BOUND_REF':
    case 'BOUND_COLUMN_REF':
      return reference(walk, expression, scope);
    case 'BOUND_CONSTANT':
      return literal(walk.terms.make('constant', plainText(expression.value)), typeOf(expression));
    case 'BOUND_CAST':
      return castOf(walk, expression, scope);
    case 'BOUND_OPERATOR':
      return operatorOf(walk, expression, scope);
    case 'BOUND_CASE':
      return caseOf(walk, expression, scope);
    case 'BOUND_FUNCTION':
      return functionOf(walk, expression, scope);
    default:
      return opaqueExpression(walk, expression, scope, expression.expression_class);
  }
}

const literal = (term: Term, type: Column['type']): Column => ({
  term,
  type,
  value: NO_DEPENDENCIES,
  condition: NO_DEPENDENCIES,
});

function truthOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const condition = conditionOf(walk, expression, scope);
  return {
    term: conditionTerm(walk, condition),
    type: BOOLEAN,
    value: condition.value,
    condition: condition.condition,
  };
}

/** The position of the column that an expression refers to; null for any other expression. */
export function referencedColumn(expression: PlanExpression, scope: Pick<Scope, 'bindings'>): number | null {
  if (expression.expression_class === 'BOUND_REF') return Number(expression.index);
  const { binding, depth = 0 } = expression;
  if (expression.expression_class !== 'BOUND_COLUMN_REF' || !binding || depth !== 0) return null;
  const base = scope.bindings.find(candidate => candidate.table === String(binding.table_index));
  return base ? base.from + binding.column_index : null;
}

function reference(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const index = referencedColumn(expression, scope);
  const column = index === null ? undefined : scope.columns[index];
  return withType(column, expression) ?? unresolved(walk, expression, scope);
}

/** A reference may give its column another collation. */
function withType(column: Column | undefined, { return_type: type }: PlanExpression): Column | undefined {
  return column && type ? { ...column, type } : column;
}

function unresolved(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  if (scope.unknown) {
    const term = walk.terms.make(
      'of unknown',
      scope.unknown.term,
      Number(expression.index ?? -1),
      plainText(expression.binding),
    );
    return { ...scope.unknown, term, type: typeOf(expression) };
  }
  return opaqueExpression(walk, expression, scope, 'reference');
}

function castOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const { child, try_cast: attempt = false } = expression;
  if (!child) return opaqueExpression(walk, expression, scope, 'BOUND_CAST');
  const column = analyseExpression(walk, child, scope);
  const type = typeOf(expression);
  if (isIdentityCast(typeOf(child), type)) return column;
  return { ...column, term: walk.terms.make('cast', attempt, typeText(type), column.term), type };
}

function operatorOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const columns = (expression.children ?? []).map(child => analyseExpression(walk, child, scope));
  const type = typeOf(expression);
  return fromColumns(walk.terms.make('operator', expression.type, typeText(type), termsOf(columns)), type, columns);
}

function caseOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const checks = (expression.case_checks ?? []).map(check => ({
    test: analyseExpression(walk, check.when_expr, scope),
    result: analyseExpression(walk, check.then_expr, scope),
  }));
  const otherwise = expression.else_expr ? analyseExpression(walk, expression.else_expr, scope) : null;
  const type = typeOf(expression);
  const branches = [...checks.map(check => check.result), ...(otherwise ? [otherwise] : [])];
  const pairs = checks.map(check => [check.test.term, check.result.term]);
  const column = fromColumns(walk.terms.make('case', typeText(type), pairs, otherwise?.term), type, branches);
  return { ...column, condition: union(column.condition, dependenciesOfAll(checks.map(check => check.test))) };
}
