import type { World } from '../core/world.ts';
import { redact } from '../core/parameters/redact.ts';
import type { NodeId, ProjectNode } from '../core/definition/nodes/node.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import { failureText } from '../analysis/duckdb-errors/failure-text.ts';
import type { FailureText } from '../diagnostics/failure-text.ts';

/** The result of a node that has an artefact. */
export interface Settled {
  readonly id: NodeId;
  readonly status: 'executed' | 'reused' | 'cut_off';
  readonly artefact: ArtefactRecord;
  readonly fingerprint: string;
  /** Seconds spent on it now; null if nothing ran. */
  readonly seconds: number | null;
  readonly reason: string;
  /** What the user should know about it, as sentences; omitted if there is nothing. */
  readonly warnings?: readonly string[];
}

export interface Unsettled {
  readonly id: NodeId;
  readonly status: 'failed' | 'skipped';
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly reason: string;
  /** Why it failed; omitted if it was skipped. */
  readonly failed?: FailureText;
}

export type NodeResult = Settled | Unsettled;

export const isSettled = (result: NodeResult): result is Settled => 'artefact' in result;

/** Emits the event for a finished node. */
export function tellResult(world: Pick<World, 'emit'>, result: NodeResult): void {
  const { id, status } = result;
  const { rows, seconds, message } = isSettled(result)
    ? { rows: result.artefact.rows, seconds: result.seconds, message: null }
    : { rows: null, seconds: null, message: result.reason };
  world.emit({ kind: 'node-finished', id, status, rows, seconds, message });
}

/** The result of a node that failed with an error. */
export const failure = (node: FailingNode, error: unknown): Unsettled => failed(node, failureText(error));

type FailingNode = Pick<ProjectNode, 'id' | 'secrets'>;

/** The same for a known reason; hides values of environment variables. */
export function failed({ id, secrets = [] }: FailingNode, text: FailureText): Unsettled {
  const message = redact(text.message, secrets);
  const shown = { ...text, message, hint: text.hint === null ? null : redact(text.hint, secrets) };
  return { id, status: 'failed', error: { code: shown.code, message }, reason: message, failed: shown };
}
