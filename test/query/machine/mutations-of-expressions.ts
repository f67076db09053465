import {
  columnNamed,
  columnsOf,
  expressionsOf,
  inputsOf,
  mapExpressions,
  withInputs,
  type Expression,
  type Query,
  type QueryOf,
  type Type,
} from './query-tree.ts';
import { namesIn, operatorsOf, partsOf, replaceOperator, replacePart, substituteIn } from './rewrite-tree.ts';
import { change, type Mutation } from './mutation.ts';
import type { RandomQueries } from './random-query.ts';
import type { Random } from './random.ts';
import { LITERALS, otherShape } from './shapes.ts';

/** Replaces a column by its expression, or the reverse. */
export const inlineColumn: Mutation = (query, { random }) => {
  const added = operatorsOf(query).filter(
    (operator): operator is QueryOf<'project'> => operator.kind === 'project' && operator.adds,
  );
  const project = random.any(added);
  if (!project) return null;
  const without = replaceOperator(query, project, project.input);
  return substituteIn(without, new Map(project.items.map(item => [item.name, item.expression])));
};

export const extractColumn: Mutation = (query, queries) => {
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

/** Operators whose columns remain visible above. */
function reachable(query: Query): readonly Query[] {
  const hides =
    query.kind === 'aggregate' ||
    query.kind === 'set' ||
    query.kind === 'with' ||
    (query.kind === 'project' && !query.adds);
  return hides ? [query] : [query, ...inputsOf(query).flatMap(reachable)];
}

export const changeExpression: Mutation = (query, queries) =>
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
      if (operator.list.type === 'INTEGER') return { ...operator, how: random.pick(['RANGE', 'LEFT RANGE']) };
      return { ...operator, how: random.pick(['CROSS', 'LEFT', 'SELECT', 'LATERAL']) };
    case 'aggregate':
      return { ...operator, sets: operator.keys.length > 0 ? random.pick(['', 'ROLLUP', 'CUBE']) : '' };
    case 'distinct':
      return { ...operator, on: [] };
    default:
      return null;
  }
}

/** Changes the output, so that mutants share only some columns. */
export const changeOutput: Mutation = (query, queries) => {
  if (query.kind !== 'project' || query.adds) return null;
  const { random, expressions } = queries;
  const at = random.below(query.items.length);
  const columns = columnsOf(query.input);
  const type = random.pick<Type>(['INTEGER', 'DOUBLE', 'BOOLEAN']);
  const column = random.any(columns);
  const expression = column && random.chance(0.7) ? columnNamed(column) : expressions.scalar(type, columns, 1);
  return { ...query, items: query.items.map((item, index) => (index === at ? { ...item, expression } : item)) };
};
