import { didYouMean } from '../../diagnostics/suggest.ts';
import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import { isExactNumber, isMapping } from '../exact-number.ts';
import type { Json, JsonObject } from '../json.ts';
import { dateAfter, type Expression, parseExpression, TEMPLATE } from './expression.ts';

/** Everything outside a node that determines the values of its `{{ … }}`. */
export interface ParameterContext {
  /** `YYYY-MM-DD`, the value of `{{ today }}`. */
  readonly date: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `--params k=v`, which override all others; a key may be a path such as `regions.default`. */
  readonly overrides: Readonly<Record<string, Json>>;
  readonly common: Readonly<Record<string, Json>>;
}

/** The scope of one node: aliases of inputs, overrides, the node's own `params`, common values. */
export interface ParameterScope extends ParameterContext {
  readonly params: JsonObject;
  /** Alias of an input → its SQL. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** A name that a node uses. `node` values are in its definition; `date` and `variable` values come from the day and the machine. */
export interface UsedParameter {
  /** As written: `min_revenue`, `regions.default`, `today(-1)`, `env:REGION`. */
  readonly name: string;
  readonly origin: 'override' | 'node' | 'common' | 'date' | 'variable';
  /** The value as written, with unresolved `{{ … }}`; null for dates and variables. */
  readonly given: Json;
  /** The resolved value. A value that contains a variable is `{ env, sha256 }`, with the hash of its canonical JSON. */
  readonly value: Json;
}

/** Why a `{{ … }}` has no value; `offset` and `length` are its place in the resolved text. */
export interface TemplateMistake {
  readonly code: 'unknown-parameter' | 'unset-variable' | 'bad-template' | 'parameter-cycle' | 'bad-parameter';
  readonly message: string;
  readonly hint: string | null;
}

export interface Found {
  readonly value: Json;
  readonly used: readonly UsedParameter[];
  /** Environment variables that the value contains. */
  readonly variables: readonly string[];
  /** The value is SQL for an input, not data. */
  readonly isAlias: boolean;
}

export type Lookup = { readonly found: Found } | { readonly mistake: TemplateMistake };

/** The value of one `{{ … }}`. `within` are the names being resolved, to find cycles. */
export function lookUp(template: string, scope: ParameterScope, within: readonly string[] = []): Lookup {
  const expression = parseExpression(template);
  if (!expression)
    return mistake(
      'bad-template',
      `${template} is not a parameter.`,
      'Write {{ name }}, {{ a.b }}, {{ today(-1) }} or {{ env:VARIABLE|default }}.',
    );
  if (expression.kind === 'variable') return variable(expression, scope);
  const own = expression.kind === 'name' ? expression.path : ['today'];
  const written = expression.kind === 'today' && template.includes('(') ? null : findWritten(own, scope);
  if (written) return resolveWritten(own.join('.'), written, scope, within);
  if (expression.kind === 'today') return today(expression.days, scope);
  const alias = scope.aliases.get(expression.path.join('.'));
  return alias === undefined
    ? unknown(expression.path.join('.'), scope)
    : { found: { value: alias, used: [], variables: [], isAlias: true } };
}

const mistake = (code: TemplateMistake['code'], message: string, hint: string | null): Lookup => ({
  mistake: { code, message, hint },
});

function variable(expression: Expression & { readonly kind: 'variable' }, scope: ParameterScope): Lookup {
  const { name, otherwise } = expression;
  const value = (Object.hasOwn(scope.environment, name) ? scope.environment[name] : undefined) ?? otherwise;
  if (value === null)
    return mistake(
      'unset-variable',
      `The environment variable ${name} is not set.`,
      `Set it, or give a default: {{ env:${name}|default }}.`,
    );
  const used: UsedParameter = { name: `env:${name}`, origin: 'variable', given: null, value: hidden([name], value) };
  return { found: { value, used: [used], variables: [name], isAlias: false } };
}

function today(days: number, scope: ParameterScope): Lookup {
  const value = dateAfter(scope.date, days);
  const name = days === 0 ? 'today' : `today(${days})`;
  return { found: { value, used: [{ name, origin: 'date', given: null, value }], variables: [], isAlias: false } };
}

interface Written {
  readonly value: Json;
  readonly origin: 'override' | 'node' | 'common';
}

function findWritten(path: readonly string[], scope: ParameterScope): Written | null {
  if (scope.aliases.has(path.join('.'))) return null;
  const whole = path.join('.');
  if (Object.hasOwn(scope.overrides, whole)) return { value: scope.overrides[whole] ?? null, origin: 'override' };
  for (const [origin, values] of [
    ['override', scope.overrides],
    ['node', scope.params],
    ['common', scope.common],
  ] as const) {
    const value = within(values, path);
    if (value !== undefined) return { value, origin };
  }
  return null;
}

function within(values: Readonly<Record<string, Json>>, path: readonly string[]): Json | undefined {
  let value: Json = values;
  for (const key of path) {
    if (!isMapping(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key] ?? null;
  }
  return value;
}

function resolveWritten(name: string, written: Written, scope: ParameterScope, within: readonly string[]): Lookup {
  if (within.includes(name))
    return mistake(
      'parameter-cycle',
      `The parameter ${name} needs itself: ${[...within, name].join(' → ')}.`,
      'Give one of them a value of its own.',
    );
  const resolved = resolveValue(written.value, scope, [...within, name]);
  const [first] = resolved.mistakes;
  if (first) return { mistake: withinValue(name, written, first.mistake) };
  const { value, variables } = resolved;
  const shown = variables.length === 0 ? value : hidden(variables, value);
  const used: UsedParameter = { name, origin: written.origin, given: written.value, value: shown };
  return { found: { value, used: [used, ...resolved.used], variables, isAlias: false } };
}

/** A mistake in a value from elsewhere says where the value is. */
function withinValue(name: string, { origin }: Written, mistake: TemplateMistake): TemplateMistake {
  if (origin === 'node') return mistake;
  const where = origin === 'common' ? 'in seeknal/common' : 'of --params';
  return { ...mistake, message: `The value of '${name}' ${where}: ${mistake.message}` };
}

const hidden = (variables: readonly string[], value: Json): JsonObject => ({
  env: variables.join(','),
  sha256: sha256Hex(canonicalJson(value)),
});

function unknown(name: string, scope: ParameterScope): Lookup {
  const known = [
    ...scope.aliases.keys(),
    ...namesOf(scope.overrides),
    ...namesOf(scope.params),
    ...namesOf(scope.common),
    'today',
  ];
  const hint = didYouMean(
    name,
    known,
    known.length > 1
      ? `Known: ${[...new Set(known)].slice(0, 12).join(', ')}.`
      : 'Give it under `params`, or in seeknal/common.',
  );
  return mistake('unknown-parameter', `Unknown parameter '${name}'.`, hint);
}

function namesOf(values: Readonly<Record<string, Json>>, prefix = ''): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isMapping(value) ? [`${prefix}${key}`, ...namesOf(value, `${prefix}${key}.`)] : [`${prefix}${key}`],
  );
}

export interface ResolvedValue {
  readonly value: Json;
  readonly used: readonly UsedParameter[];
  readonly variables: readonly string[];
  readonly mistakes: readonly PlacedMistake[];
}

/** A mistake with the path of its text (keys and indices) and the stretch of that text. */
export interface PlacedMistake {
  readonly mistake: TemplateMistake;
  readonly path: readonly (string | number)[];
  readonly offset: number;
  readonly length: number;
}

/** A value with the `{{ … }}` in its texts resolved; a text that is exactly one `{{ … }}` takes the type of its value. */
export function resolveValue(value: Json, scope: ParameterScope, within: readonly string[] = []): ResolvedValue {
  if (typeof value === 'string') return resolveText(value, scope, within);
  if (value === null || typeof value !== 'object' || isExactNumber(value))
    return { value, used: [], variables: [], mistakes: [] };
  const entries = Object.entries(value as JsonObject).map(
    ([key, item]) => [key, resolveValue(item, scope, within)] as const,
  );
  const parts = entries.map(([, part]) => part);
  return {
    value: Array.isArray(value)
      ? parts.map(part => part.value)
      : Object.fromEntries(entries.map(([key, part]) => [key, part.value])),
    used: parts.flatMap(part => part.used),
    variables: [...new Set(parts.flatMap(part => part.variables))],
    mistakes: entries.flatMap(([key, part]) => part.mistakes.map(found => ({ ...found, path: [key, ...found.path] }))),
  };
}

function resolveText(text: string, scope: ParameterScope, within: readonly string[]): ResolvedValue {
  const used: UsedParameter[] = [];
  const variables = new Set<string>();
  const mistakes: PlacedMistake[] = [];
  let whole: Json | undefined;
  const resolved = text.replace(new RegExp(TEMPLATE.source, 'g'), (template: string, offset: number) => {
    const result = lookUp(template, scope, within);
    const found = 'found' in result ? result.found : null;
    const problem =
      'mistake' in result ? result.mistake : misplaced(template, result.found, template.length === text.trim().length);
    if (problem || !found) {
      if (problem) mistakes.push({ mistake: problem, path: [], offset, length: template.length });
      return '';
    }
    used.push(...found.used);
    for (const name of found.variables) variables.add(name);
    if (template.length === text.trim().length) whole = found.value;
    return plainText(found.value);
  });
  return { value: whole === undefined ? resolved : whole, used, variables: [...variables], mistakes };
}

/** An input or a mapping cannot become part of a text. */
function misplaced(template: string, found: Found, isWhole: boolean): TemplateMistake | null {
  if (found.isAlias)
    return {
      code: 'bad-parameter',
      message: `${template} names an input, which only SQL can read.`,
      hint: 'Use it in the SQL of the transform, or give the value under another name.',
    };
  return isMapping(found.value) && !isWhole ? mapMistake(template) : null;
}

export const mapMistake = (template: string): TemplateMistake => ({
  code: 'bad-parameter',
  message: `${template} is a mapping, not a value.`,
  hint: 'Name one of its keys: {{ name.key }}.',
});

/** A value within a text. */
export function plainText(value: Json): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (isExactNumber(value)) return value.$number;
  return Array.isArray(value) ? value.map(plainText).join(', ') : canonicalJson(value);
}
