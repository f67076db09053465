import type { Json } from '../core/json.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

const PLACEHOLDER = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}/g;

export interface Interpolation {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Path of the profile, and the entry being interpolated; both for messages. */
  readonly file: string;
  readonly entry: string;
}

/**
 * Replaces `${VAR}`, `${VAR:default}` and `$$` in all strings of maps and lists, except keys. Throws `unset-variable`,
 * which names the variable and contains no value.
 */
export function interpolate(value: Json, context: Interpolation): Json {
  if (typeof value === 'string') return interpolateText(value, context);
  if (Array.isArray(value)) return value.map((item: Json) => interpolate(item, context));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, context)]));
}

function interpolateText(text: string, { variables, file, entry }: Interpolation): string {
  return text.replace(PLACEHOLDER, (match, name?: string, otherwise?: string) => {
    if (name === undefined) return '$';
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value !== undefined) return value;
    if (otherwise !== undefined) return otherwise.replaceAll('$$', () => '$');
    throw new ToolError(
      'unset-variable',
      `${file}: ${entry} needs the environment variable ${name}, which is not set.`,
      {
        hint: `Set ${name} in the environment or in .env, or write ${match.slice(0, -1)}:default}.`,
      },
    );
  });
}
