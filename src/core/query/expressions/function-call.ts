import { type Column, termsOf, fromColumns } from '../terms/column.ts';
import type { Scope } from '../operators/operator-output.ts';
import { functionName } from '../terms/function-names.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { asBag, type Part, type Term } from '../terms/term.ts';
import { isQuantity, typeOf, typeText } from '../plan-json/plan-types.ts';
import { isVolatile, isVolatilePerCall } from '../terms/volatility.ts';
import { plainText, type Walk } from '../walk.ts';

const COMMUTATIVE = new Set(['+', '*']);

/** The column of a function call. */
export function functionOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const { children = [] } = expression;
  const name = functionName(expression.name ?? '');
  const columns = children.map(child => walk.expression(child, scope));
  const type = typeOf(expression);
  // `+` of lists is concatenation.
  const swappable = COMMUTATIVE.has(name) && columns.length === 2 && isQuantity(type);
  const operands = swappable ? asBag(termsOf(columns)) : termsOf(columns);
  // The value of this function, and of no other, is the name of its operand.
  const called = name === 'alias' ? JSON.stringify(expression) : null;
  const parts = functionParts(walk, expression, swappable);
  const call = walk.terms.make('call', name, typeText(type), operands, parts, ...(called === null ? [] : [called]));
  return fromColumns(markVolatile(walk, call, expression, scope), type, columns);
}

/** The identity of a function besides its name and operands: its overload, and arguments that binding removed. */
export function functionParts(walk: Walk, expression: PlanExpression, swappable = false): readonly Part[] {
  const types = (expression.arguments ?? []).map(typeText);
  const hidden = (expression.original_arguments?.length ?? 0) > types.length && expression.function_data === undefined;
  const data = expression.function_data === undefined ? null : plainText(expression.function_data);
  const parts: readonly Part[] = [swappable ? types.sort() : types, data];
  if (!hidden) return parts;
  const term = walk.terms.make('hidden arguments', walk.text);
  return [...parts, walk.terms.note(term, 'opaque', `opaque arguments of ${expression.name}`)];
}

/**
 * Gives a call of a volatile function a term of its own. The term depends on the rows for which the call is evaluated:
 * the same call above an operator that changes the rows has another term.
 */
function markVolatile(walk: Walk, call: Term, expression: PlanExpression, { rows }: Scope): Term {
  const { name = '', children = [] } = expression;
  const inside = volatileIn(expression.function_data);
  const names = [...inside, ...(isVolatile(name, children.length) ? [name] : [])];
  if (names.length === 0) return call;
  const perCall = inside.length > 0 || isVolatilePerCall(name);
  const term = walk.terms.make('volatile', call, perCall ? [callNumber(walk, expression), rows.term] : null);
  for (const each of names) walk.terms.note(term, 'volatile', `volatile ${each}`);
  return term;
}

/** Numbers expressions that are evaluated again at each occurrence, so that no two share a term. */
export function callNumber(walk: Walk, call: object): number {
  const known = walk.calls.get(call);
  if (known !== undefined) return known;
  walk.calls.set(call, walk.calls.size);
  return walk.calls.size - 1;
}

/** Volatile functions inside a lambda; plans store the lambda in the data of the function that takes it. */
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
