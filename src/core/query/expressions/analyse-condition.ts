import { compareNumbers, comparison, isStrict, NEGATED, numberTerm } from './comparison.ts';
import { closedBound, isLiteral, truthValue, wholeNumber } from '../plan-json/literals.ts';
import type { Column } from '../terms/column.ts';
import type { Scope } from '../operators/operator-output.ts';
import { union } from '../terms/dependencies.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { unsupportedInExpression } from '../plan-json/unsupported.ts';
import type { Term } from '../terms/term.ts';
import { typeOf } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';
import { type Condition, constant, atom, combined } from './condition.ts';

/** Types whose comparisons cannot simply be negated, because an operand may contain NULL. */
const NESTED = new Set(['STRUCT', 'LIST', 'ARRAY', 'MAP', 'UNION', 'VARIANT']);

/** Whether `conditionOf` has a rule for the expression's operator. */
export function isCondition(expression: PlanExpression): boolean {
  switch (expression.expression_class) {
    case 'BOUND_COMPARISON':
    case 'BOUND_CONJUNCTION':
    case 'BOUND_BETWEEN':
      return true;
    case 'BOUND_OPERATOR':
      return /^(?:OPERATOR_NOT|OPERATOR_IS_NULL|OPERATOR_IS_NOT_NULL|COMPARE_IN|COMPARE_NOT_IN)$/.test(expression.type);
    default:
      return truthValue(expression) !== null;
  }
}

/** The normal form of a truth value, with negations pushed inwards; the rules also hold for NULL. */
export function conditionOf(walk: Walk, expression: PlanExpression, scope: Scope, negated = false): Condition {
  const truth = truthValue(expression);
  if (truth !== null) return constant(truth !== negated);
  if (!isCondition(expression) || unsupportedInExpression(expression)) return other(walk, expression, scope, negated);
  const { children = [] } = expression;
  switch (expression.expression_class) {
    case 'BOUND_COMPARISON':
      return comparisonOf(walk, expression, scope, negated);
    case 'BOUND_CONJUNCTION': {
      const operator = (expression.type === 'CONJUNCTION_AND') !== negated ? 'and' : 'or';
      return combined(
        walk,
        operator,
        children.map(child => conditionOf(walk, child, scope, negated)),
      );
    }
    case 'BOUND_BETWEEN':
      return between(walk, expression, scope, negated);
    default:
      return operatorOf(walk, expression, scope, negated);
  }
}

function operatorOf(walk: Walk, expression: PlanExpression, scope: Scope, negated: boolean): Condition {
  const [first, ...rest] = expression.children ?? [];
  if (!first) return other(walk, expression, scope, negated);
  if (expression.type === 'OPERATOR_NOT') return conditionOf(walk, first, scope, !negated);
  if (expression.type === 'COMPARE_IN' || expression.type === 'COMPARE_NOT_IN') {
    const none = (expression.type === 'COMPARE_NOT_IN') !== negated;
    const equals = rest.map(option => comparisonOf(walk, equal(first, option), scope, none));
    return combined(walk, none ? 'and' : 'or', equals);
  }
  const isNull = (expression.type === 'OPERATOR_IS_NULL') !== negated;
  const operand = walk.expression(first, scope);
  return atom(walk.terms.make(isNull ? 'is null' : 'is not null', operand.term), operand);
}

const equal = (left: PlanExpression, right: PlanExpression): PlanExpression => ({
  expression_class: 'BOUND_COMPARISON',
  type: 'COMPARE_EQUAL',
  left,
  right,
});

function comparisonOf(walk: Walk, expression: PlanExpression, scope: Scope, negated: boolean): Condition {
  const { left, right, type } = expression;
  if (!left || !right) return other(walk, expression, scope, negated);
  const known = compareNumbers(type, wholeNumber(left), wholeNumber(right));
  if (known !== null) return constant(known !== negated);
  const truth = comparedTruth(expression);
  if (truth) return conditionOf(walk, truth.operand, scope, truth.negated !== negated);
  const sides = [walk.expression(left, scope), walk.expression(right, scope)] as const;
  const dependencies = {
    value: union(sides[0].value, sides[1].value),
    condition: union(sides[0].condition, sides[1].condition),
  };
  const turned = NEGATED[type];
  const plain = !negated || (turned !== undefined && !NESTED.has(typeOf(left).id));
  const kind = negated && plain && turned !== undefined ? turned : type;
  const term = comparisonTerm(walk, { ...expression, type: kind, left, right }, sides);
  if (!plain) return atom(walk.terms.make('not', term), dependencies);
  const fixed =
    kind !== 'COMPARE_EQUAL' ? [] : isLiteral(right) ? [sides[0].term] : isLiteral(left) ? [sides[1].term] : [];
  return { ...atom(term, dependencies), fixed, strict: isStrict(kind) ? sides.map(side => side.term) : [] };
}

/** Comparisons with whole-number literals use the closed form: `x < 5` becomes `x <= 4`. */
function comparisonTerm(
  walk: Walk,
  { type, left, right }: PlanExpression & { readonly left: PlanExpression; readonly right: PlanExpression },
  sides: readonly [Column, Column],
): Term {
  const [a, b] = [sides[0].term, sides[1].term];
  const closed = closedBound(type, left, right);
  if (!closed) return comparison(walk, type, a, b);
  const literal = numberTerm(walk, closed.value, typeOf(left));
  return comparison(
    walk,
    closed.comparison,
    closed.side === 'left' ? literal : a,
    closed.side === 'right' ? literal : b,
  );
}

/** `x = true` is `x`, and `x = false` is its negation. */
function comparedTruth({ type, left, right }: PlanExpression): { operand: PlanExpression; negated: boolean } | null {
  if (!left || !right || (type !== 'COMPARE_EQUAL' && type !== 'COMPARE_NOTEQUAL')) return null;
  const [one, other] = [truthValue(left), truthValue(right)];
  const truth = other ?? one;
  if (truth === null) return null;
  const operand = other === null ? right : left;
  return typeOf(operand).id === 'BOOLEAN' ? { operand, negated: (type === 'COMPARE_EQUAL') !== truth } : null;
}

function between(walk: Walk, expression: PlanExpression, scope: Scope, negated: boolean): Condition {
  const { input, lower, upper } = expression;
  if (!input || !lower || !upper) return other(walk, expression, scope, negated);
  const bounds = [
    {
      type: expression.lower_inclusive === true ? 'COMPARE_LESSTHANOREQUALTO' : 'COMPARE_LESSTHAN',
      left: lower,
      right: input,
    },
    {
      type: expression.upper_inclusive === true ? 'COMPARE_LESSTHANOREQUALTO' : 'COMPARE_LESSTHAN',
      left: input,
      right: upper,
    },
  ].map(bound => comparisonOf(walk, { expression_class: 'BOUND_COMPARISON', ...bound }, scope, negated));
  return combined(walk, negated ? 'or' : 'and', bounds);
}

function other(walk: Walk, expression: PlanExpression, scope: Scope, negated: boolean): Condition {
  const column = walk.expression(expression, scope, false);
  return atom(negated ? walk.terms.make('not', column.term) : column.term, column);
}
