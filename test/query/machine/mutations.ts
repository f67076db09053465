import type { Mutation } from './mutation.ts';
import { changeExpression, changeOutput, extractColumn, inlineColumn } from './mutations-of-expressions.ts';
import { changeJoin, changeSemiJoin, moveCondition, moveUsing, swapSides, turnJoins } from './mutations-of-joins.ts';
import { insert, pullUp, pushDown, remove, swapNeighbours, turnDistinct, wrap } from './mutations-of-operators.ts';
import type { Query } from './query-tree.ts';
import type { RandomQueries } from './random-query.ts';

/** The query with one to three changes. */
export function mutated(query: Query, queries: RandomQueries): Query {
  const { random } = queries;
  let current = query;
  const wanted = random.pick([1, 1, 2, 3]);
  for (let tries = 0, made = 0; tries < 12 && made < wanted; tries++) {
    const next = random.pick(MUTATIONS)(current, queries);
    if (next === null || next === current) continue;
    current = next;
    made++;
  }
  return current;
}

/** Mutations with their weights. */
const WEIGHTS: readonly (readonly [Mutation, number])[] = [
  [swapNeighbours, 2],
  [pushDown, 4],
  [pullUp, 5],
  [changeJoin, 1],
  [swapSides, 2],
  [moveCondition, 2],
  [moveUsing, 1],
  [wrap, 1],
  [insert, 2],
  [remove, 1],
  [inlineColumn, 4],
  [extractColumn, 4],
  [changeExpression, 2],
  [changeSemiJoin, 1],
  [turnJoins, 1],
  [changeOutput, 1],
  [turnDistinct, 1],
];

const MUTATIONS: readonly Mutation[] = WEIGHTS.flatMap(([mutation, weight]) =>
  Array.from({ length: weight }, () => mutation),
);
