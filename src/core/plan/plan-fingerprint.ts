import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import type { PlanDocument } from '../documents.ts';
import type { JsonObject } from '../json.ts';

/** What a plan was made from; two plans of the same inputs have the same fingerprint, on any day and machine. */
export interface PlanInputs {
  readonly environment: string | null;
  readonly base: PlanDocument['base'];
  readonly profile: PlanDocument['profile'];
  /** Definition and given values of every node, by id. */
  readonly definitions: JsonObject;
  readonly parameters: JsonObject;
  /** Environment variables that nodes use, with hashes of their values. */
  readonly variables: Readonly<Record<string, string>>;
  readonly refresh: boolean;
}

/** 64 hex digits. What apply would do is left out: it also depends on what the store holds by then. */
export function planFingerprint(inputs: PlanInputs): string {
  return sha256Hex(
    canonicalJson({
      environment: inputs.environment,
      base: inputs.base,
      profile: inputs.profile === null ? null : { path: inputs.profile.path, sha256: inputs.profile.sha256 },
      definitions: inputs.definitions,
      parameters: inputs.parameters,
      variables: inputs.variables,
      refresh: inputs.refresh,
    }),
  );
}
