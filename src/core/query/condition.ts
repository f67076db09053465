import { isLiteral, truthValue, wholeNumber } from './constants.ts';
import type { Scope } from './frame.ts';
import { type Names, NO_NAMES, union } from './names.ts';
import type { PlanExpression } from './plan-tree.ts';
import { strangeExpression } from './plan-fields.ts';
import { asBag, asSet, type Term } from './terms.ts';
import { typeOf } from './types.ts';
import type { Walk } from './walk.ts';

/** A truth value as a conjunction or disjunction of terms; true is the empty `and`, false the empty `or`. */
export interface Condition {
  readonly operator: 'and' | 'or';
  readonly terms: readonly Term[];
  readonly value: Names;
  readonly condition: Names;
  /** Terms that equal a literal wherever the condition holds. */
  readonly fixed: readonly Term[];
}

const NEGATED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_NOTEQUAL',
  COMPARE_NOTEQUAL: 'COMPARE_EQUAL',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHANOREQUALTO',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHAN',
  COMPARE_DISTINCT_FROM: 'COMPARE_NOT_DISTINCT_FROM',
  COMPARE_NOT_DISTINCT_FROM: 'COMPARE_DISTINCT_FROM',
};

const TURNED: Readonly<Record<string, string>> = {
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
};

const SYMMETRIC = new Set(['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM']);

/** Comparisons whose negation is plain also where something in the operands is NULL. */
const NESTED = new Set(['STRUCT', 'LIST', 'ARRAY', 'MAP', 'UNION', 'VARIANT']);

/** A comparison; `a > b` is `b < a`. */
export function comparison(walk: Walk, type: string, left: Term, right: Term): Term {
  if (SYMMETRIC.has(type)) return walk.terms.make(type, asBag([left, right]));
  const turned = TURNED[type];
  return turned ? walk.terms.make(turned, [right, left]) : walk.terms.make(type, [left, right]);
}

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
  const sides = [walk.expression(left, scope), walk.expression(right, scope)] as const;
  const names = {
    value: union(sides[0].value, sides[1].value),
    condition: union(sides[0].condition, sides[1].condition),
  };
  const turned = NEGATED[type];
  const plain = !negated || (turned !== undefined && !NESTED.has(typeOf(left).id));
  const kind = negated && plain && turned !== undefined ? turned : type;
  const term = comparison(walk, kind, sides[0].term, sides[1].term);
  if (!plain) return atom(walk.terms.make('not', term), names);
  const fixed =
    kind !== 'COMPARE_EQUAL' ? [] : isLiteral(right) ? [sides[0].term] : isLiteral(left) ? [sides[1].term] : [];
  return { ...atom(term, names), fixed };
}

function compareNumbers(type: string, left: bigint | null, right: bigint | null): boolean | null {
  if (left === null || right === null) return null;
  switch (type) {
    case 'COMPARE_EQUAL':
    case 'COMPARE_NOT_DISTINCT_FROM':
      return left === right;
    case 'COMPARE_NOTEQUAL':
    case 'COMPARE_DISTINCT_FROM':
      return left !== right;
    case 'COMPARE_LESSTHAN':
      return left < right;
    case 'COMPARE_GREATERTHAN':
      return left > right;
    case 'COMPARE_LESSTHANOREQUALTO':
      return left <= right;
    case 'COMPARE_GREATERTHANOREQUALTO':
      return left >= right;
    default:
      return null;
  }
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
});

const atom = (term: Term, names: { readonly value: Names; readonly condition: Names }): Condition => ({
  operator: 'and',
  terms: [term],
  value: names.value,
  condition: names.condition,
  fixed: [],
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
  };
}

/** The truth value as one term. */
export function conditionTerm(walk: Walk, { operator, terms }: Condition): Term {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : walk.terms.make(operator, asSet(terms));
}

/** The terms that must all hold. */
export const conjuncts = (walk: Walk, condition: Condition): readonly Term[] =>
  condition.operator === 'and' || condition.terms.length === 1 ? condition.terms : [conditionTerm(walk, condition)];
