import { columnNamed, columnsOf, expressionsOf, inputsOf, withInputs, type Query, type QueryOf } from './query-tree.ts';
import { namesIn, operatorsOf, replaceOperator, substitute } from './rewrite-tree.ts';
import { change, isUnary, type Mutation, TRUE } from './mutation.ts';
import type { RandomQueries } from './random-query.ts';
import type { Random } from './random.ts';

/** a(b(x)) → b(a(x)) */
export const swapNeighbours: Mutation = (query, { random }) =>
  change(query, random, operator => {
    const [inner] = inputsOf(operator);
    if (!isUnary(operator) || !inner || !isUnary(inner)) return null;
    return withInputs(inner, [withInputs(operator, inputsOf(inner))]);
  });

/** a(x ⋈ y) → a(x) ⋈ y, or into the arms of a set operation. */
export const pushDown: Mutation = (query, { random }) =>
  change(query, random, operator => {
    const [inner] = inputsOf(operator);
    if (!isUnary(operator) || !inner) return null;
    if (inner.kind === 'join') return pushIntoJoin(operator, inner, random);
    if (inner.kind === 'set') return pushIntoArms(operator, inner, random);
    if (inner.kind === 'with') return { ...inner, body: withInputs(operator, [inner.body]) };
    return null;
  });

function pushIntoJoin(operator: Query, join: QueryOf<'join'>, random: Random): Query | null {
  const read = expressionsOf(operator).flatMap(namesIn);
  const fits = [join.left, join.right].map(side => {
    const names = new Set(columnsOf(side).map(column => column.name));
    return read.filter(name => names.has(name)).length;
  });
  const [left = 0, right = 0] = fits;
  const toLeft = left === right ? random.chance(0.5) : left > right;
  if (operator.kind === 'project' && !operator.adds) return null;
  return toLeft
    ? { ...join, left: withInputs(operator, [join.left]) }
    : { ...join, right: withInputs(operator, [join.right]) };
}

function pushIntoArms(operator: Query, set: QueryOf<'set'>, random: Random): Query | null {
  const which = random.pick(['first', 'second', 'both', 'both']);
  const [first, second] = set.arms;
  const push = (arm: typeof first): typeof first => {
    const given = new Map(set.columns.map((column, index) => [column.name, arm.values[index] ?? TRUE]));
    if (operator.kind === 'filter')
      return { ...arm, input: { ...operator, input: arm.input, condition: substitute(operator.condition, given) } };
    const named = set.columns.map((column, index) => ({ name: column.name, expression: arm.values[index] ?? TRUE }));
    const input: Query = { kind: 'project', input: arm.input, items: named, adds: false };
    return { input: withInputs(operator, [input]), values: set.columns.map(columnNamed) };
  };
  if (
    operator.kind !== 'filter' &&
    operator.kind !== 'distinct' &&
    operator.kind !== 'order' &&
    operator.kind !== 'limit'
  )
    return operator.kind === 'project' && operator.adds ? addToArms(operator, set) : null;
  return { ...set, arms: [which === 'second' ? first : push(first), which === 'first' ? second : push(second)] };
}

function addToArms(project: QueryOf<'project'>, set: QueryOf<'set'>): Query {
  const [first, second] = set.arms;
  const push = (arm: typeof first): typeof first => {
    const given = new Map(set.columns.map((column, index) => [column.name, arm.values[index] ?? TRUE]));
    return { ...arm, values: [...arm.values, ...project.items.map(item => substitute(item.expression, given))] };
  };
  const added = project.items.map(item => ({ name: item.name, type: item.expression.type }));
  return { ...set, columns: [...set.columns, ...added], arms: [push(first), push(second)] };
}

/** a(x) ⋈ y → a(x ⋈ y) */
export const pullUp: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind !== 'join') return null;
    const left = random.chance(0.5);
    const side = left ? operator.left : operator.right;
    const [below] = inputsOf(side);
    if (!isUnary(side) || !below || (side.kind === 'project' && !side.adds)) return null;
    return withInputs(side, [left ? { ...operator, left: below } : { ...operator, right: below }]);
  });

/** Turns a part of the query into a named query, or changes a named one. */
export const wrap: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    const { random } = queries;
    const mode = random.pick(['', 'MATERIALIZED', 'MATERIALIZED', 'NOT MATERIALIZED'] as const);
    if (operator.kind === 'with') return random.chance(0.5) ? { ...operator, mode } : inlined(operator);
    const name = queries.fresh('w');
    const columns = columnsOf(operator);
    const reference: Query = { kind: 'reference', name, id: queries.fresh('y'), columns };
    const items = columns.map(column => ({
      name: column.name,
      expression: columnNamed({ ...column, name: `${reference.id}_${column.name}` }),
    }));
    return {
      kind: 'with',
      name,
      mode,
      definition: operator,
      body: { kind: 'project', input: reference, items, adds: false },
    };
  });

function inlined({ name, definition, body }: QueryOf<'with'>): Query {
  let query = body;
  for (const operator of operatorsOf(body)) {
    if (operator.kind !== 'reference' || operator.name !== name) continue;
    const items = operator.columns.map(column => ({
      name: `${operator.id}_${column.name}`,
      expression: columnNamed(column),
    }));
    query = replaceOperator(query, operator, { kind: 'project', input: definition, items, adds: false });
  }
  return query;
}

/** Inserts another operator. */
export const insert: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    const { random } = queries;
    const makers = [
      () => queries.unary(operator),
      (): Query => ({ kind: 'distinct', input: operator, on: [] }),
      () => queries.operators.order(operator),
      () => queries.operators.windowed(operator),
      () => queries.operators.volatile(operator),
      (): Query => ({ kind: 'filter', input: operator, condition: TRUE }),
      (): Query => groupedByAll(operator),
      (): Query => united(operator, queries),
    ];
    return random.pick(makers)();
  });

function groupedByAll(input: Query): Query {
  const keys = columnsOf(input).map(column => ({ name: column.name, expression: columnNamed(column) }));
  return { kind: 'aggregate', input, keys, calls: [], sets: '' };
}

/** Adds a set operation of a query with itself. */
function united(input: Query, { random }: RandomQueries): Query {
  const columns = columnsOf(input);
  const arm = { input, values: columns.map(columnNamed) };
  return { kind: 'set', operator: random.pick(['UNION', 'INTERSECT', 'UNION ALL']), columns, arms: [arm, arm] };
}

export const remove: Mutation = (query, { random }) =>
  change(query, random, operator => {
    const [first] = inputsOf(operator);
    if (!first) return null;
    if (isUnary(operator)) return first;
    return operator.kind === 'join' ? random.pick([operator.left, operator.right]) : null;
  });

/** Adds or removes DISTINCT around the whole query. */
export const turnDistinct: Mutation = query =>
  query.kind === 'distinct' ? query.input : { kind: 'distinct', input: query, on: [] };
