import type { JsonObject } from '../core/json.ts';
import { interpolate } from './interpolate.ts';
import { isMap, type Profile } from './read-profile.ts';

const SAME_TYPE: readonly (readonly string[])[] = [
  ['postgresql', 'postgres'],
  ['json', 'jsonl'],
];

export interface DefaultedSource {
  /** The source's type or an alias of it. */
  readonly type: string;
  /** The node's own parameters; they override defaults. */
  readonly params: JsonObject | null;
}

/** The node's parameters, completed with the profile's interpolated `source_defaults` for its type. */
export function mergeSourceDefaults(
  profile: Profile | null,
  source: DefaultedSource,
  variables: Readonly<Record<string, string | undefined>>,
): JsonObject {
  const own = source.params ?? {};
  if (profile === null) return own;
  const names = [source.type, ...(SAME_TYPE.find(group => group.includes(source.type)) ?? [])];
  const key = names.find(name => isMap(profile.sourceDefaults[name]));
  const defaults = key === undefined ? undefined : profile.sourceDefaults[key];
  if (!isMap(defaults)) return own;
  // Interpolate only used defaults: an overridden one may refer to a variable that is not set.
  const used = Object.fromEntries(Object.entries(defaults).filter(([name]) => !Object.hasOwn(own, name)));
  const entry = `source_defaults '${key}'`;
  return { ...(interpolate(used, { variables, file: profile.file, entry }) as JsonObject), ...own };
}
