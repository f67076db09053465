import {
  columnNamed,
  columnsOf,
  type Expression,
  expressionsOf,
  inputsOf,
  mapExpressions,
  namesIn,
  operatorsOf,
  partsOf,
  type Query,
  type QueryOf,
  replaceOperator,
  replacePart,
  substitute,
  substituteIn,
  type Type,
  withInputs,
} from './query-tree.ts';
import { LITERALS, otherShape } from './random-expression.ts';
import { JOINS, type RandomQueries } from './random-query.ts';
import type { Random } from './random.ts';

/** A change of a query that may or may not keep what it means; null where it does not apply. */
type Mutation = (query: Query, queries: RandomQueries) => Query | null;

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

/** Changes one operator for which `change` knows something. */
function change(query: Query, random: Random, by: (operator: Query) => Query | null): Query | null {
  const operators = operatorsOf(query);
  for (let tries = 0; tries < 6; tries++) {
    const operator = random.pick(operators);
    const changed = by(operator);
    if (changed !== null) return replaceOperator(query, operator, changed);
  }
  return null;
}

const TRUE: Expression = { kind: 'literal', sql: 'true', type: 'BOOLEAN' };
const both = (...operands: readonly [Expression, Expression]): Expression => ({
  kind: 'call',
  shape: '($0 AND $1)',
  operands,
  type: 'BOOLEAN',
});

const isUnary = (query: Query): boolean => query.kind !== 'with' && inputsOf(query).length === 1;

/** a(b(x)) → b(a(x)) */
const swapNeighbours: Mutation = (query, { random }) =>
  change(query, random, operator => {
    const [inner] = inputsOf(operator);
    if (!isUnary(operator) || !inner || !isUnary(inner)) return null;
    return withInputs(inner, [withInputs(operator, inputsOf(inner))]);
  });

/** a(x ⋈ y) → a(x) ⋈ y, or into the arms of a set operation. */
const pushDown: Mutation = (query, { random }) =>
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
const pullUp: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind !== 'join') return null;
    const left = random.chance(0.5);
    const side = left ? operator.left : operator.right;
    const [below] = inputsOf(side);
    if (!isUnary(side) || !below || (side.kind === 'project' && !side.adds)) return null;
    return withInputs(side, [left ? { ...operator, left: below } : { ...operator, right: below }]);
  });

const changeJoin: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind !== 'join') return null;
    const how = random.pick(operator.lateral ? ['INNER', 'LEFT'] : JOINS);
    if (how === 'CROSS' || how === 'POSITIONAL') return { ...operator, how, on: null, using: null };
    return { ...operator, how, on: operator.on ?? (operator.using ? null : TRUE) };
  });

const TURNED: Readonly<Record<string, string>> = { LEFT: 'RIGHT', RIGHT: 'LEFT' };

const swapSides: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind === 'set') return { ...operator, arms: [operator.arms[1], operator.arms[0]] };
    if (operator.kind !== 'join') return null;
    const { left, right, how, using } = operator;
    const turned = random.chance(0.8) ? (TURNED[how] ?? how) : how;
    const merged = using && { ...using, left: using.right, right: using.left };
    return { ...operator, left: right, right: left, how: turned, using: merged };
  });

/** ON against WHERE. */
const moveCondition: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind === 'join' && operator.on && !operator.how.startsWith('ASOF')) {
      const { on } = operator;
      const parts = on.kind === 'call' && on.shape === '($0 AND $1)' ? on.operands : [on];
      const [moved = on, kept = TRUE] = random.chance(0.5) ? parts : [...parts].reverse();
      return { kind: 'filter', input: { ...operator, on: kept }, condition: moved };
    }
    if (operator.kind !== 'filter' || operator.input.kind !== 'join') return null;
    const { input: join, condition } = operator;
    if (join.how === 'POSITIONAL') return null;
    const how = join.how === 'CROSS' ? 'INNER' : join.how;
    return { ...join, how, on: join.on ? both(join.on, condition) : condition };
  });

/** USING against ON; the merged column becomes one of the sides, or both. */
const moveUsing: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    if (operator.kind !== 'join') return null;
    const { using } = operator;
    if (!using) return operator.on && !operator.lateral ? queries.usingOf(operator) : null;
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

/** Names a part of the query, or changes how it is named. */
const wrap: Mutation = (query, queries) =>
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

/** Another operator somewhere. */
const insert: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    const { random } = queries;
    const makers = [
      () => queries.unary(operator),
      (): Query => ({ kind: 'distinct', input: operator, on: [] }),
      () => queries.order(operator),
      () => queries.windowed(operator),
      () => queries.volatile(operator),
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

/** A set operation of a query with itself. */
function united(input: Query, { random }: RandomQueries): Query {
  const columns = columnsOf(input);
  const arm = { input, values: columns.map(columnNamed) };
  return { kind: 'set', operator: random.pick(['UNION', 'INTERSECT', 'UNION ALL']), columns, arms: [arm, arm] };
}

const remove: Mutation = (query, { random }) =>
  change(query, random, operator => {
    const [first] = inputsOf(operator);
    if (!first) return null;
    if (isUnary(operator)) return first;
    return operator.kind === 'join' ? random.pick([operator.left, operator.right]) : null;
  });

/** Column by its expression, or the other way. */
const inlineColumn: Mutation = (query, { random }) => {
  const added = operatorsOf(query).filter(
    (operator): operator is QueryOf<'project'> => operator.kind === 'project' && operator.adds,
  );
  const project = random.any(added);
  if (!project) return null;
  const without = replaceOperator(query, project, project.input);
  return substituteIn(without, new Map(project.items.map(item => [item.name, item.expression])));
};

const extractColumn: Mutation = (query, queries) => {
  const { random } = queries;
  const above = random.pick(operatorsOf(query));
  const part = random.any(
    expressionsOf(above)
      .flatMap(partsOf)
      .filter(each => each.kind !== 'column' && !isAggregate(each)),
  );
  if (!part) return null;
  const read = namesIn(part);
  const below = inputsOf(above).flatMap(reachable);
  const fit = below.filter(operator => {
    const names = new Set(columnsOf(operator).map(column => column.name));
    return read.every(name => names.has(name));
  });
  const target = random.any(fit);
  if (!target) return null;
  const name = queries.fresh('c');
  const changed = mapExpressions(above, each => replacePart(each, part, { kind: 'column', name, type: part.type }));
  const added: Query = { kind: 'project', input: target, items: [{ name, expression: part }], adds: true };
  return replaceOperator(
    query,
    above,
    withInputs(
      changed,
      inputsOf(changed).map(input => replaceOperator(input, target, added)),
    ),
  );
};

const isAggregate = (expression: Expression): boolean =>
  expression.kind === 'call' &&
  !expression.shape.includes(' OVER ') &&
  /^(?:count|sum|max|min|first|list|bool_|arg_|any_|string_agg|grouping)\(/.test(expression.shape);

/** Operators whose columns are still there above. */
function reachable(query: Query): readonly Query[] {
  const hides =
    query.kind === 'aggregate' ||
    query.kind === 'set' ||
    query.kind === 'with' ||
    (query.kind === 'project' && !query.adds);
  return hides ? [query] : [query, ...inputsOf(query).flatMap(reachable)];
}

const changeExpression: Mutation = (query, queries) =>
  change(query, queries.random, operator => {
    const { random } = queries;
    const part = random.any(expressionsOf(operator).flatMap(partsOf));
    const other = part && otherExpression(part, operator, queries);
    return other
      ? mapExpressions(operator, each => replacePart(each, part, other))
      : random.chance(0.5)
        ? otherOperator(operator, random)
        : null;
  });

function otherExpression(part: Expression, operator: Query, { random, expressions }: RandomQueries): Expression | null {
  const scope = inputsOf(operator).flatMap(columnsOf);
  if (part.kind === 'literal') return { ...part, sql: random.pick(LITERALS[part.type]) };
  if (part.kind === 'column') {
    const alike = scope.filter(column => column.type === part.type && column.name !== part.name);
    return random.chance(0.3) ? expressions.scalar(part.type, scope, 1) : random.any(alike.map(columnNamed));
  }
  const dice = random.next();
  if (dice < 0.25) return part.operands.find(operand => operand.type === part.type) ?? null;
  if (dice < 0.45) return { ...part, operands: turned(part.operands) };
  if (dice < 0.6) return { ...part, ...(part.query ? { query: { kind: 'distinct', input: part.query, on: [] } } : {}) };
  const shape = otherShape(part.shape, random);
  return shape === null ? null : { ...part, shape };
}

function turned(operands: readonly Expression[]): readonly Expression[] {
  const [first, second, ...rest] = operands;
  return first && second && first.type === second.type ? [second, first, ...rest] : operands;
}

function otherOperator(operator: Query, random: Random): Query | null {
  switch (operator.kind) {
    case 'set':
      return { ...operator, operator: random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'EXCEPT ALL']) };
    case 'order':
      return { ...operator, direction: random.pick(['', ' DESC', ' NULLS FIRST']) };
    case 'limit':
      return { ...operator, bounds: random.pick(['1', '2', '100', '2 OFFSET 1']) };
    case 'unnest':
      return { ...operator, how: random.pick(['CROSS', 'LEFT', 'SELECT', 'LATERAL']) };
    case 'aggregate':
      return { ...operator, sets: operator.keys.length > 0 ? random.pick(['', 'ROLLUP', 'CUBE']) : '' };
    case 'distinct':
      return { ...operator, on: [] };
    default:
      return null;
  }
}

/** SEMI and ANTI joins, EXISTS, IN, and an outer join of which only the unmatched rows are kept. */
const changeSemiJoin: Mutation = (query, queries) =>
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
const turnJoins: Mutation = (query, { random }) =>
  change(query, random, operator => {
    if (operator.kind !== 'join') return null;
    const { left, right } = operator;
    if (left.kind === 'join') return { ...left, right: { ...operator, left: left.right } };
    return right.kind === 'join' ? { ...right, left: { ...operator, right: right.left } } : null;
  });

/** Another output: what mutants have in common may be but a part. */
const changeOutput: Mutation = (query, queries) => {
  if (query.kind !== 'project' || query.adds) return null;
  const { random, expressions } = queries;
  const at = random.below(query.items.length);
  const columns = columnsOf(query.input);
  const type = random.pick<Type>(['INTEGER', 'DOUBLE', 'BOOLEAN']);
  const column = random.any(columns);
  const expression = column && random.chance(0.7) ? columnNamed(column) : expressions.scalar(type, columns, 1);
  return { ...query, items: query.items.map((item, index) => (index === at ? { ...item, expression } : item)) };
};

/** With how often each is tried. */
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
];

const MUTATIONS: readonly Mutation[] = WEIGHTS.flatMap(([mutation, weight]) =>
  Array.from({ length: weight }, () => mutation),
);
