import { didYouMean } from '../../diagnostics/suggest.ts';
import { isMapping } from '../exact-number.ts';
import type { Json, JsonObject } from '../json.ts';

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

/** The value of a `{{ … }}`. */
export interface Found {
  readonly value: Json;
  readonly used: readonly UsedParameter[];
  /** Environment variables that the value contains. */
  readonly variables: readonly string[];
  /** The value is SQL for an input, not data. */
  readonly isAlias: boolean;
}

/** The result of looking up a `{{ … }}`. */
export type Lookup = { readonly found: Found } | { readonly mistake: TemplateMistake };

/** A failed lookup. */
export const templateMistake = (code: TemplateMistake['code'], message: string, hint: string | null): Lookup => ({
  mistake: { code, message, hint },
});

/** A value from a definition, a flag or a shared file. */
export interface Written {
  readonly value: Json;
  readonly origin: 'override' | 'node' | 'common';
}

/** The written value at a path; null if there is none. */
export function findWritten(path: readonly string[], scope: ParameterScope): Written | null {
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

/** A failed lookup of an unknown name, with suggestions. */
export function unknownParameter(name: string, scope: ParameterScope): Lookup {
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
  return templateMistake('unknown-parameter', `Unknown parameter '${name}'.`, hint);
}

function namesOf(values: Readonly<Record<string, Json>>, prefix = ''): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isMapping(value) ? [`${prefix}${key}`, ...namesOf(value, `${prefix}${key}.`)] : [`${prefix}${key}`],
  );
}
