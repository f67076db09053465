import { expressionsOf, inputsOf, mapExpressions, withInputs, type Expression, type Query } from './query-tree.ts';

/** All operators, the root first, including those inside expressions. */
export function operatorsOf(query: Query): readonly Query[] {
  const inner = expressionsOf(query).flatMap(queriesOf).flatMap(operatorsOf);
  return [query, ...inputsOf(query).flatMap(operatorsOf), ...inner];
}

const queriesOf = (expression: Expression): readonly Query[] =>
  expression.kind === 'call'
    ? [...(expression.query ? [expression.query] : []), ...expression.operands.flatMap(queriesOf)]
    : [];

/** The query with one operator, found by identity, replaced. */
export function replaceOperator(query: Query, old: Query, by: Query): Query {
  if (query === old) return by;
  const inputs = inputsOf(query);
  const changed = inputs.map(input => replaceOperator(input, old, by));
  const moved = changed.some((input, index) => input !== inputs[index]) ? withInputs(query, changed) : query;
  const inside = (expression: Expression): Expression => replaceInside(expression, old, by);
  return expressionsOf(moved).some(expression => inside(expression) !== expression)
    ? mapExpressions(moved, inside)
    : moved;
}

function replaceInside(expression: Expression, old: Query, by: Query): Expression {
  if (expression.kind !== 'call') return expression;
  const query = expression.query && replaceOperator(expression.query, old, by);
  const operands = expression.operands.map(operand => replaceInside(operand, old, by));
  const same = query === expression.query && operands.every((operand, index) => operand === expression.operands[index]);
  return same ? expression : { ...expression, operands, ...(query ? { query } : {}) };
}

/** All parts of an expression, the whole first. */
export const partsOf = (expression: Expression): readonly Expression[] =>
  expression.kind === 'call' ? [expression, ...expression.operands.flatMap(partsOf)] : [expression];

/** The expression with one part, found by identity, replaced. */
export function replacePart(expression: Expression, old: Expression, by: Expression): Expression {
  if (expression === old) return by;
  if (expression.kind !== 'call') return expression;
  const operands = expression.operands.map(operand => replacePart(operand, old, by));
  return operands.every((operand, index) => operand === expression.operands[index])
    ? expression
    : { ...expression, operands };
}

/** The expression, including its queries, with columns replaced by name. */
export function substitute(expression: Expression, by: ReadonlyMap<string, Expression>): Expression {
  if (expression.kind === 'column') return by.get(expression.name) ?? expression;
  if (expression.kind === 'literal') return expression;
  const operands = expression.operands.map(operand => substitute(operand, by));
  return { ...expression, operands, ...(expression.query ? { query: substituteIn(expression.query, by) } : {}) };
}

/** A whole query with columns replaced by name. */
export const substituteIn = (query: Query, by: ReadonlyMap<string, Expression>): Query =>
  mapExpressions(
    withInputs(
      query,
      inputsOf(query).map(input => substituteIn(input, by)),
    ),
    expression => substitute(expression, by),
  );

/** Names of the columns that an expression reads, including those of queries in it. */
export function namesIn(expression: Expression): readonly string[] {
  if (expression.kind === 'column') return [expression.name];
  if (expression.kind === 'literal') return [];
  const inner = expression.query
    ? operatorsOf(expression.query)
        .flatMap(expressionsOf)
        .flatMap(part => namesIn(part))
    : [];
  return [...expression.operands.flatMap(namesIn), ...inner];
}
