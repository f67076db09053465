import { inputsOf, type Expression, type Query } from './query-tree.ts';
import { operatorsOf, replaceOperator } from './rewrite-tree.ts';
import type { RandomQueries } from './random-query.ts';
import type { Random } from './random.ts';

/** A change of a query that may or may not keep its meaning; null if it does not apply. */
export type Mutation = (query: Query, queries: RandomQueries) => Query | null;

/** Changes one operator to which `change` applies. */
export function change(query: Query, random: Random, by: (operator: Query) => Query | null): Query | null {
  const operators = operatorsOf(query);
  for (let tries = 0; tries < 6; tries++) {
    const operator = random.pick(operators);
    const changed = by(operator);
    if (changed !== null) return replaceOperator(query, operator, changed);
  }
  return null;
}

export const TRUE: Expression = { kind: 'literal', sql: 'true', type: 'BOOLEAN' };

export const isUnary = (query: Query): boolean => query.kind !== 'with' && inputsOf(query).length === 1;
