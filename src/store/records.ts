import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { JsonObject } from '../core/json.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { TargetRecord } from '../core/state/target-record.ts';

/** How the last attempt to change an environment ended. */
export interface RunAttempt {
  readonly at: string;
  readonly status: 'done' | 'failed';
  readonly failed: readonly string[];
}

/** One line of the ledger. */
export type LedgerRecord =
  | ({ readonly t: 'artefact' } & ArtefactRecord)
  | { readonly t: 'name'; readonly fingerprint: string; readonly artefact: string }
  | { readonly t: 'definition'; readonly hash: string; readonly definition: JsonObject }
  | {
      readonly t: 'equal';
      readonly a: string;
      readonly b: string;
      /** null: all columns. */
      readonly columns: readonly string[] | null;
      readonly ordered: boolean;
      readonly equal: boolean;
    }
  | ({ readonly t: 'attempt'; readonly environment: EnvironmentName | null } & RunAttempt)
  | ({ readonly t: 'target' } & TargetRecord);
