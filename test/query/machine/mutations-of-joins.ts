import { type Expression, type Query, type QueryOf } from './query-tree.ts';
import { change, type Mutation, TRUE } from './mutation.ts';
import { JOINS } from './random-joins.ts';
import type { RandomQueries } from './random-query.ts';

const both = (...operands: readonly [Expression, Expression]): Expression => ({
  kind: 'call',
  shape: '($0 AND $1)',
  operands,
  type: 'BOOLEAN',
});

export const changeJoin: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    if (operator.kind !== 'join') return null;
    const { random, joins } = queries;
    const how = random.pick(operator.lateral ? ['INNER', 'LEFT'] : JOINS);
    if (how === 'CROSS' || how === 'POSITIONAL') return { ...operator, how, on: null, using: null };
    const nearest = (each: string): boolean => each.startsWith('ASOF');
    if (nearest(how) && !nearest(operator.how))
      return { ...operator, how, on: joins.condition(operator.left, operator.right, true), using: null };
    return { ...operator, how, on: operator.on ?? (operator.using ? null : TRUE) };
  });

const TURNED: Readonly<Record<string, string>> = { LEFT: 'RIGHT', RIGHT: 'LEFT' };

export const swapSides: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind === 'set') return { ...operator, arms: [operator.arms[1], operator.arms[0]] };
    if (operator.kind !== 'join') return null;
    const { left, right, how, using } = operator;
    const turned = random.chance(0.8) ? (TURNED[how] ?? how) : how;
    const merged = using && { ...using, left: using.right, right: using.left };
    return { ...operator, left: right, right: left, how: turned, using: merged };
  });

/** Moves conditions between ON and WHERE. */
export const moveCondition: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind === 'join' && operator.on && !operator.how.startsWith('ASOF')) {
      const { on } = operator;
      const parts = on.kind === 'call' && on.shape === '($0 AND $1)' ? on.operands : [on];
      const [moved = on, kept = TRUE] = random.chance(0.5) ? parts : [...parts].reverse();
      return { kind: 'filter', input: { ...operator, on: kept }, condition: moved };
    }
    if (operator.kind !== 'filter' || operator.input.kind !== 'join') return null;
    const { input: join, condition } = operator;
    if (join.how === 'POSITIONAL' || join.how.startsWith('ASOF')) return null;
    const how = join.how === 'CROSS' ? 'INNER' : join.how;
    return { ...join, how, on: join.on ? both(join.on, condition) : condition };
  });

/** Exchanges USING and ON; the merged column becomes that of one side, or of both. */
export const moveUsing: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    if (operator.kind !== 'join') return null;
    const { using } = operator;
    if (!using) return operator.on && !operator.lateral ? queries.joins.usingOf(operator) : null;
    const on: Expression = { kind: 'call', shape: '($0 = $1)', operands: [using.left, using.right], type: 'BOOLEAN' };
    const merged: Expression = {
      kind: 'call',
      shape: 'coalesce($0, $1)',
      operands: [using.left, using.right],
      type: 'INTEGER',
    };
    const expression = queries.random.pick([using.left, using.right, merged]);
    return {
      kind: 'project',
      input: { ...operator, on, using: null },
      items: [{ name: using.name, expression }],
      adds: true,
    };
  });

/** Exchanges SEMI and ANTI joins, EXISTS, IN, and outer joins that keep only unmatched rows. */
export const changeSemiJoin: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    if (operator.kind !== 'join' || !operator.on || operator.lateral) return null;
    const { random } = queries;
    const { left, right, on, how } = operator;
    const anti = how === 'ANTI';
    if (!anti && how !== 'SEMI') return how === 'LEFT' || how === 'INNER' ? lateralOf(operator) : null;
    const inner: Query = { kind: 'filter', input: right, condition: on };
    if (random.chance(0.4))
      return { kind: 'filter', input: left, condition: inQuery(anti ? '(NOT EXISTS ($q))' : 'EXISTS ($q)', [], inner) };
    const [one, other] = on.kind === 'call' ? on.operands : [];
    if (random.chance(0.5) && one && other && on.kind === 'call' && on.shape === '($0 = $1)') {
      const column: Query = {
        kind: 'project',
        input: right,
        items: [{ name: queries.fresh('i'), expression: other }],
        adds: false,
      };
      return {
        kind: 'filter',
        input: left,
        condition: inQuery(anti ? '($0 NOT IN ($q))' : '($0 IN ($q))', [one], column),
      };
    }
    return unmatched(operator, on, queries);
  });

const inQuery = (shape: string, operands: readonly Expression[], query: Query): Expression => ({
  kind: 'call',
  shape,
  operands,
  query,
  type: 'BOOLEAN',
});

function unmatched(join: QueryOf<'join'>, on: Expression, queries: RandomQueries): Query {
  const mark = queries.fresh('c');
  const right: Query = { kind: 'project', input: join.right, items: [{ name: mark, expression: TRUE }], adds: true };
  const found: Expression = { kind: 'column', name: mark, type: 'BOOLEAN' };
  const shape = join.how === 'ANTI' ? '($0 IS NULL)' : '($0 IS NOT NULL)';
  return {
    kind: 'filter',
    input: { ...join, how: 'LEFT', right, on },
    condition: { kind: 'call', shape, operands: [found], type: 'BOOLEAN' },
  };
}

const lateralOf = (join: QueryOf<'join'>): Query =>
  join.on
    ? { ...join, lateral: true, right: { kind: 'filter', input: join.right, condition: join.on }, on: TRUE }
    : join;

/** (x ⋈ y) ⋈ z → x ⋈ (y ⋈ z) */
export const turnJoins: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind !== 'join') return null;
    const { left, right } = operator;
    if (left.kind === 'join') return { ...left, right: { ...operator, left: left.right } };
    return right.kind === 'join' ? { ...right, left: { ...operator, right: right.left } } : null;
  });
