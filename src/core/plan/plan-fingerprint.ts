import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import type { PlanDocument } from '../documents/plan-document.ts';
import type { JsonObject } from '../json.ts';

/** The date, the `--params` values, and hashes of environment variables' values; each omitted if the node uses none. */
export interface PlanParameters {
  readonly date?: string;
  readonly overrides?: JsonObject;
  readonly variables?: Readonly<Record<string, string>>;
}

/** What a plan was made from; any difference makes it stale. */
export interface PlanInputs {
  readonly environment: string | null;
  readonly base: PlanDocument['base'];
  readonly profile: PlanDocument['profile'];
  /** Definition and given values of every node, by id. */
  readonly definitions: JsonObject;
  /** Parameter values that are not part of a definition, by node id. */
  readonly parameters: Readonly<Record<string, PlanParameters>>;
  readonly refresh: boolean;
}

/**
 * 64 hex digits, equal for plans of equal inputs on any day and machine. Leaves out the actions, which depend on what the
 * store holds, and the profile, which does not affect the plan because no node reads from it.
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
