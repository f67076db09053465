import { compareNumbers, comparison, isStrict, NEGATED, numberTerm } from './comparisons.ts';
import { closedBound, isLiteral, truthValue, wholeNumber } from '../terms/constants.ts';
import type { Column, Scope } from '../operators/frame.ts';
import { type Names, NO_NAMES, union } from '../plan-json/names.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { strangeExpression } from '../plan-json/plan-fields.ts';
import { asSet, type Term } from '../terms/terms.ts';
import { typeOf } from '../plan-json/types.ts';
import type { Walk } from '../walk.ts';

/** A truth value as a conjunction or disjunction of terms; true is the empty `and`, false the empty `or`. */
export interface Condition {
  readonly operator: 'and' | 'or';
  readonly terms: readonly Term[];
  readonly value: Names;
  readonly condition: Names;
  /** Terms that equal a literal wherever the condition holds. */
  readonly fixed: readonly Term[];
  /** Terms that are not NULL wherever the condition holds. */
  readonly strict: readonly Term[];
}

/** Comparisons whose negation is plain also where something in the operands is NULL. */
const NESTED = new Set(['STRUCT', 'LIST', 'ARRAY', 'MAP', 'UNION', 'VARIANT']);

/** Whether `conditionOf` knows what the expression's operator means for truth. */
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

/** The normal form of a truth value, negations pushed inwards (all of it holds with NULLs too). */
export function conditionOf(walk: Walk, expression: PlanExpression, scope: Scope, negated = false): Condition {
  const truth = truthValue(expression);
  if (truth !== null) return constant(truth !== negated);
  if (!isCondition(expression) || strangeExpression(expression)) return other(walk, expression, scope, negated);
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
  const names = {
    value: union(sides[0].value, sides[1].value),
    condition: union(sides[0].condition, sides[1].condition),
  };
  const turned = NEGATED[type];
  const plain = !negated || (turned !== undefined && !NESTED.has(typeOf(left).id));
  const kind = negated && plain && turned !== undefined ? turned : type;
  const term = comparisonTerm(walk, { ...expression, type: kind, left, right }, sides);
  if (!plain) return atom(walk.terms.make('not', term), names);
  const fixed =
    kind !== 'COMPARE_EQUAL' ? [] : isLiteral(right) ? [sides[0].term] : isLiteral(left) ? [sides[1].term] : [];
  return { ...atom(term, names), fixed, strict: isStrict(kind) ? sides.map(side => side.term) : [] };
}

/** Literals of whole numbers are compared with in the closed form: `x < 5` as `x <= 4`. */
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

/** `x = true` is `x`, and `x = false` its negation. */
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

const constant = (value: boolean): Condition => ({
  operator: value ? 'and' : 'or',
  terms: [],
  value: NO_NAMES,
  condition: NO_NAMES,
  fixed: [],
  strict: [],
});

const atom = (term: Term, names: { readonly value: Names; readonly condition: Names }): Condition => ({
  operator: 'and',
  terms: [term],
  value: names.value,
  condition: names.condition,
  fixed: [],
  strict: [],
});

/** Joins conditions; what is always true (in `and`) or false (in `or`) drops out, with what it reads. */
export function combined(walk: Walk, operator: 'and' | 'or', conditions: readonly Condition[]): Condition {
  if (conditions.some(part => part.terms.length === 0 && part.operator !== operator))
    return constant(operator === 'or');
  const terms = conditions.flatMap(part => {
    return part.operator === operator || part.terms.length === 1 ? part.terms : [conditionTerm(walk, part)];
  });
  return {
    operator,
    terms: asSet(terms),
    value: union(...conditions.map(part => part.value)),
    condition: union(...conditions.map(part => part.condition)),
    fixed: operator === 'and' ? conditions.flatMap(part => part.fixed) : [],
    strict: operator === 'and' ? conditions.flatMap(part => part.strict) : strictInAll(conditions),
  };
}

function strictInAll(conditions: readonly Condition[]): readonly Term[] {
  const [first, ...rest] = conditions.filter(part => part.terms.length > 0);
  return (first?.strict ?? []).filter(term => rest.every(part => part.strict.includes(term)));
}

/** The truth value as one term. */
export function conditionTerm(walk: Walk, { operator, terms }: Condition): Term {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : walk.terms.make(operator, asSet(terms));
}

/** The terms that must all hold. */
export const conjuncts = (walk: Walk, condition: Condition): readonly Term[] =>
  condition.operator === 'and' || condition.terms.length === 1 ? condition.terms : [conditionTerm(walk, condition)];
