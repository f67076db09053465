import type { JsonObject } from './json.ts';

/** A connection of a profile, or a source's own parameters, with all variables filled in. */
export interface Connection {
  /** For messages: the name in the profile, or the node whose parameters these are. */
  readonly name: string;
  readonly type: string;
  /** All other keys; `port` and timeouts are numbers. Holds secrets: never print or store it. */
  readonly settings: JsonObject;
}
