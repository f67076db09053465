import type { JsonObject } from '../json.ts';

/** What a node was filled in with that stands in no definition; a run may leave nodes behind that were built on another day. */
export interface NodeParameters {
  /** What `{{ today }}` was; left out where the node does not ask. */
  readonly date?: string;
  /** Values that `--params` gave, by name. */
  readonly overrides?: JsonObject;
  /** Environment variable → SHA-256 of the canonical JSON of its value. */
  readonly variables?: Readonly<Record<string, string>>;
}
