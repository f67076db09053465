import type { JsonObject } from '../json.ts';

/** Values from outside the definition that a node was built with; nodes of one generation may be built on different days. */
export interface NodeParameters {
  /** The value of `{{ today }}`; absent if the node does not use it. */
  readonly date?: string;
  /** Values of `--params` by name. */
  readonly overrides?: JsonObject;
  /** Environment variable → SHA-256 of the canonical JSON of its value. */
  readonly variables?: Readonly<Record<string, string>>;
}
