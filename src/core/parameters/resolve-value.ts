import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import { isExactNumber, isMapping } from '../exact-number.ts';
import type { Json, JsonObject } from '../json.ts';
import { dateAfter, type Expression, parseExpression, TEMPLATE } from './expression.ts';
import {
  type ParameterScope,
  type UsedParameter,
  type TemplateMistake,
  type Found,
  type Lookup,
  templateMistake,
  type Written,
  findWritten,
  unknownParameter,
} from './parameter-scope.ts';

/** The value of one `{{ … }}`. `within` are the names being resolved, to find cycles. */
export function lookUp(template: string, scope: ParameterScope, within: readonly string[] = []): Lookup {
  const expression = parseExpression(template);
  if (!expression)
    return templateMistake(
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
    ? unknownParameter(expression.path.join('.'), scope)
    : { found: { value: alias, used: [], variables: [], isAlias: true } };
}

function variable(expression: Expression & { readonly kind: 'variable' }, scope: ParameterScope): Lookup {
  const { name, otherwise } = expression;
  const value = (Object.hasOwn(scope.environment, name) ? scope.environment[name] : undefined) ?? otherwise;
  if (value === null)
    return templateMistake(
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

function resolveWritten(name: string, written: Written, scope: ParameterScope, within: readonly string[]): Lookup {
  if (within.includes(name))
    return templateMistake(
      'parameter-cycle',
      `The parameter ${name} refers to itself: ${[...within, name].join(' → ')}.`,
      'Give one of them a fixed value.',
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

/** A value with everything that its `{{ … }}` use. */
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

/** The mistake for a mapping in the place of a single value. */
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
