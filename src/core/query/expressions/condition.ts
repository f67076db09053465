import { type Dependencies, NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { asSet, type Term } from '../terms/term.ts';
import type { Walk } from '../walk.ts';

/** A truth value as a conjunction or disjunction of terms; true is the empty `and`, false the empty `or`. */
export interface Condition {
  readonly operator: 'and' | 'or';
  readonly terms: readonly Term[];
  readonly value: Dependencies;
  readonly condition: Dependencies;
  /** Terms that equal a literal wherever the condition holds. */
  readonly fixed: readonly Term[];
  /** Terms that are not NULL wherever the condition holds. */
  readonly strict: readonly Term[];
}

/** A condition that is always true or always false. */
export const constant = (value: boolean): Condition => ({
  operator: value ? 'and' : 'or',
  terms: [],
  value: NO_DEPENDENCIES,
  condition: NO_DEPENDENCIES,
  fixed: [],
  strict: [],
});

/** A condition of a single term. */
export const atom = (
  term: Term,
  dependencies: { readonly value: Dependencies; readonly condition: Dependencies },
): Condition => ({
  operator: 'and',
  terms: [term],
  value: dependencies.value,
  condition: dependencies.condition,
  fixed: [],
  strict: [],
});

/** Combines conditions; one that is always true (in `and`) or false (in `or`) drops out, with its dependencies. */
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
