import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import type { PlanDocument } from '../documents/plan-document.ts';
import type { JsonObject } from '../json.ts';

/** The day, what `--params` gave, and hashes of the environment variables' values; left out where a node uses none. */
export interface PlanParameters {
  readonly date?: string;
  readonly overrides?: JsonObject;
  readonly variables?: Readonly<Record<string, string>>;
}

/** What a plan was made from, and what makes it stale. */
export interface PlanInputs {
  readonly environment: string | null;
  readonly base: PlanDocument['base'];
  readonly profile: PlanDocument['profile'];
  /** Definition and given values of every node, by id. */
  readonly definitions: JsonObject;
  /** By node, what it is filled in with that stands in no definition. */
  readonly parameters: Readonly<Record<string, PlanParameters>>;
  readonly refresh: boolean;
}

/**
 * 64 hex digits: two plans of the same inputs have the same, on any day and machine. What apply would do is left out, as
 * it depends on what the store holds by then; so is the profile, which no node reads from: another one plans the same.
 */
export function planFingerprint(inputs: PlanInputs): string {
  return sha256Hex(
    canonicalJson({
      environment: inputs.environment,
      base: inputs.base,
      definitions: inputs.definitions,
      parameters: { ...inputs.parameters } as JsonObject,
      refresh: inputs.refresh,
    }),
  );
}
