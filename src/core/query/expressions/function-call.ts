import { type Column, termsOf, fromColumns } from '../terms/column.ts';
import type { Scope } from '../operators/operator-output.ts';
import { functionName } from '../terms/function-names.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { asBag, type Part, type Term } from '../terms/term.ts';
import { isQuantity, typeOf, typeText } from '../plan-json/plan-types.ts';
import { isVolatile, isVolatilePerCall } from '../terms/volatility.ts';
import { plainText, type Walk } from '../walk.ts';

const COMMUTATIVE = new Set(['+', '*']);

export function functionOf(walk: Walk, expression: PlanExpression, scope: Scope): Column {
  const { children = [] } = expression;
  const name = functionName(expression.name ?? '');
  const columns = children.map(child => walk.expression(child, scope));
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
  return [...parts, walk.terms.note(term, 'opaque', `opaque arguments of ${expression.name}`)];
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
  for (const each of names) walk.terms.note(term, 'volatile', `volatile ${each}`);
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
