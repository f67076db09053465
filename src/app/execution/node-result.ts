import type { NodeId } from '../../core/project/node.ts';
import type { ArtefactRecord } from '../../store/records.ts';
import { type FailureText, failureText } from './failure-text.ts';

/** A node that has its artefact. */
export interface Settled {
  readonly id: NodeId;
  readonly status: 'executed' | 'reused' | 'cut_off';
  readonly artefact: ArtefactRecord;
  readonly fingerprint: string;
  /** Seconds spent on it now; null where nothing ran. */
  readonly seconds: number | null;
  readonly reason: string;
}

export interface Unsettled {
  readonly id: NodeId;
  readonly status: 'failed' | 'skipped';
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly reason: string;
  /** Why it failed; none where it was skipped. */
  readonly failed?: FailureText;
}

export type NodeResult = Settled | Unsettled;

export const isSettled = (result: NodeResult): result is Settled => 'artefact' in result;

/** A node that could not be made. */
export function failure(id: NodeId, error: unknown): Unsettled {
  return failed(id, failureText(error));
}

/** The same of a reason that is known already. */
export function failed(id: NodeId, text: FailureText): Unsettled {
  const { code, message } = text;
  return { id, status: 'failed', error: { code, message }, reason: message, failed: text };
}
