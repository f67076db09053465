import { numberTerm } from './comparisons.ts';
import { conditionOf, conditionTerm, isCondition } from './condition.ts';
import { isIdentityCast, wholeNumber } from '../terms/constants.ts';
import { type Column, namesOf, namesOfAll, type Scope } from '../operators/frame.ts';
import { functionName } from '../terms/function-names.ts';
import { type Names, NO_NAMES, union } from '../plan-json/names.ts';
import { strangeExpression } from '../plan-json/plan-fields.ts';
import type { PlanExpression, PlanOrder } from '../plan-json/plan-tree.ts';
import { asBag, type Part, type Term } from '../terms/terms.ts';
import { BOOLEAN, isQuantity, typeOf, typeText } from '../plan-json/types.ts';
import { isVolatile, isVolatilePerCall } from '../terms/volatility.ts';
import { plainText, type Walk } from '../walk.ts';

/** Which function of the row an expression is, and from what it is made. `asCondition` false keeps truth values as written. */
export function expressionOf(walk: Walk, expression: PlanExpression, scope: Scope, asCondition = true): Column {
  const strange = strangeExpression(expression);
  if (strange) return opaqueExpression(walk, expression, scope, strange);
  if (asCondition && isCondition(expression)) return truthOf(walk, expression, scope);
  const number = wholeNumber(expression);
  if (number !== null) {
    const type = typeOf(expression);
    return literal(numberTerm(walk, number, type), type);
  }
  switch (expression.expression_class) {
    case 'BOUND_REF':
    case 'BOUND_COLUMN_REF':
      return reference(walk, expression, scope);
    case 'BOUND_CONSTANT':
      return literal(walk.terms.make('constant', plainText(expression.value)), typeOf(expression));
    case 'BOUND_CAST':
      return castOf(walk, expression, scope);
    case 'BOUND_OPERATOR':
      return operatorOf(walk, expression, scope);
    case 'BOUND_CASE':
      return caseOf(walk, expression, scope);
    case 'BOUND_FUNCTION':
      return functionOf(walk, expression, scope);
    default:
      return opaqueExpression(walk, expression, scope, expression.expression_class);
  }
}

const literal = (term: Term, type: Column['type']): Column => ({ term, type, value: NO_NAMES, condition: NO_NAMES });

function truthOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const condition = conditionOf(walk, expression, scope);
  return {
    term: conditionTerm(walk, condition),
    type: BOOLEAN,
    value: condition.value,
    condition: condition.condition,
  };
}

/** The position of the column that an expression merely refers to; null for any other expression. */
export function referencedColumn(expression: PlanExpression, scope: Pick<Scope, 'bindings'>): number | null {
  if (expression.expression_class === 'BOUND_REF') return Number(expression.index);
  const { binding, depth = 0 } = expression;
  if (expression.expression_class !== 'BOUND_COLUMN_REF' || !binding || depth !== 0) return null;
  const base = scope.bindings.find(candidate => candidate.table === String(binding.table_index));
  return base ? base.from + binding.column_index : null;
}

function reference(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const index = referencedColumn(expression, scope);
  const column = index === null ? undefined : scope.columns[index];
  return withType(column, expression) ?? unresolved(walk, expression, scope);
}

/** A reference may give its column another collation. */
function withType(column: Column | undefined, { return_type: type }: PlanExpression): Column | undefined {
  return column && type ? { ...column, type } : column;
}

function unresolved(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  if (scope.unknown) {
    const term = walk.terms.make(
      'of unknown',
      scope.unknown.term,
      Number(expression.index ?? -1),
      plainText(expression.binding),
    );
    return { ...scope.unknown, term, type: typeOf(expression) };
  }
  return opaqueExpression(walk, expression, scope, 'reference');
}

function castOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const { child, try_cast: attempt = false } = expression;
  if (!child) return opaqueExpression(walk, expression, scope, 'BOUND_CAST');
  const column = expressionOf(walk, child, scope);
  const type = typeOf(expression);
  if (isIdentityCast(typeOf(child), type)) return column;
  return { ...column, term: walk.terms.make('cast', attempt, typeText(type), column.term), type };
}

function operatorOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const columns = (expression.children ?? []).map(child => expressionOf(walk, child, scope));
  const type = typeOf(expression);
  return fromColumns(walk.terms.make('operator', expression.type, typeText(type), termsOf(columns)), type, columns);
}

function caseOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const checks = (expression.case_checks ?? []).map(check => ({
    test: expressionOf(walk, check.when_expr, scope),
    result: expressionOf(walk, check.then_expr, scope),
  }));
  const otherwise = expression.else_expr ? expressionOf(walk, expression.else_expr, scope) : null;
  const type = typeOf(expression);
  const branches = [...checks.map(check => check.result), ...(otherwise ? [otherwise] : [])];
  const pairs = checks.map(check => [check.test.term, check.result.term]);
  const column = fromColumns(walk.terms.make('case', typeText(type), pairs, otherwise?.term), type, branches);
  return { ...column, condition: union(column.condition, namesOfAll(checks.map(check => check.test))) };
}

const COMMUTATIVE = new Set(['+', '*']);

function functionOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const { children = [] } = expression;
  const name = functionName(expression.name ?? '');
  const columns = children.map(child => expressionOf(walk, child, scope));
  const type = typeOf(expression);
  // `+` of lists is concatenation.
  const swappable = COMMUTATIVE.has(name) && columns.length === 2 && isQuantity(type);
  const operands = swappable ? asBag(termsOf(columns)) : termsOf(columns);
  // The only function whose value is what its operand was called.
  const called = name === 'alias' ? JSON.stringify(expression) : null;
  const parts = functionParts(walk, expression, swappable);
  const call = walk.terms.make('call', name, typeText(type), operands, parts, ...(called === null ? [] : [called]));
  return fromColumns(markVolatile(walk, call, expression, scope), type, columns);
}

/** What tells a function apart beside its name and operands: its overload, and the arguments that binding took out of sight. */
export function functionParts(walk: Walk, expression: PlanExpression, swappable = false): readonly Part[] {
  const types = (expression.arguments ?? []).map(typeText);
  const hidden = (expression.original_arguments?.length ?? 0) > types.length && expression.function_data === undefined;
  const data = expression.function_data === undefined ? null : plainText(expression.function_data);
  const parts: readonly Part[] = [swappable ? types.sort() : types, data];
  if (!hidden) return parts;
  const term = walk.terms.make('hidden arguments', walk.text);
  return [...parts, walk.terms.remark(term, 'opaque', `opaque arguments of ${expression.name}`)];
}

/**
 * Names a call of a volatile function so that it equals no other call. It is a function of the rows on which it is
 * evaluated: moved across an operator that changes these, it is another one.
 */
function markVolatile(walk: Walk, call: Term, expression: PlanExpression, { rows }: Scope): Term {
  const { name = '', children = [] } = expression;
  const inside = volatileIn(expression.function_data);
  const names = [...inside, ...(isVolatile(name, children.length) ? [name] : [])];
  if (names.length === 0) return call;
  const perCall = inside.length > 0 || isVolatilePerCall(name);
  const term = walk.terms.make('volatile', call, perCall ? [callNumber(walk, expression), rows.term] : null);
  for (const each of names) walk.terms.remark(term, 'volatile', `volatile ${each}`);
  return term;
}

/** Tells what is evaluated anew wherever it stands from everything else of its kind in the plan. */
export function callNumber(walk: Walk, call: object): number {
  const known = walk.calls.get(call);
  if (known !== undefined) return known;
  walk.calls.set(call, walk.calls.size);
  return walk.calls.size - 1;
}

/** Volatile functions inside a lambda, which plans keep as data of the function that takes it. */
function volatileIn(data: unknown): readonly string[] {
  if (Array.isArray(data)) return data.flatMap(volatileIn);
  if (typeof data !== 'object' || data === null) return [];
  const own =
    'expression_class' in data &&
    'name' in data &&
    typeof data.name === 'string' &&
    isVolatile(data.name, argumentCount(data));
  return [...(own ? [String(data.name)] : []), ...Object.values(data).flatMap(volatileIn)];
}

const argumentCount = (data: object): number =>
  'children' in data && Array.isArray(data.children) ? data.children.length : 0;

export const termsOf = (columns: readonly Column[]): readonly Term[] => columns.map(column => column.term);

export function fromColumns(term: Term, type: Column['type'], columns: readonly Column[]): Column {
  const value = union(...columns.map(column => column.value));
  return { term, type, value, condition: union(...columns.map(column => column.condition)) };
}

/** The keys of an ORDER BY: as parts of a term, and as names. */
export function orderKeys(
  walk: Walk,
  orders: readonly PlanOrder[],
  scope: Scope,
): { readonly parts: readonly Part[]; readonly columns: readonly Column[]; readonly names: Names } {
  const columns = orders.map(order => expressionOf(walk, order.expression, scope));
  const parts = orders.map((order, index) => [order.type, order.null_order, columns[index]?.term]);
  return { parts, columns, names: union(...columns.map(namesOf)) };
}

/** Stands for an expression that is not known: hashes whole, and all columns count as read. */
export function opaqueExpression(walk: Walk, expression: PlanExpression, scope: Scope, what: string): Column {
  const names = namesOfAll(scope.columns);
  const term = walk.terms.make('opaque', walk.text, plainText(expression), termsOf(scope.columns), scope.unknown?.term);
  return {
    term: walk.terms.remark(term, 'opaque', `opaque ${what}`),
    type: typeOf(expression),
    value: names,
    condition: names,
  };
}
