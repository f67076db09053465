import type { JsonObject } from '../core/json.ts';
import { interpolate } from './interpolate.ts';
import { isMap, type Profile } from './read-profile.ts';

const SAME_TYPE: readonly (readonly string[])[] = [
  ['postgresql', 'postgres'],
  ['json', 'jsonl'],
];

export interface DefaultedSource {
  /** The source's type, under any of its names. */
  readonly type: string;
  /** What the node itself says; it wins. */
  readonly params: JsonObject | null;
}

/** The parameters of a source with the profile's `source_defaults` of its type under them, interpolated. */
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
  // Only what is used: a default that the node overrides may name a variable that is not set.
  const used = Object.fromEntries(Object.entries(defaults).filter(([name]) => !Object.hasOwn(own, name)));
  const entry = `source_defaults '${key}'`;
  return { ...(interpolate(used, { variables, file: profile.file, entry }) as JsonObject), ...own };
}
