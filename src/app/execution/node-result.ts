import type { NodeId } from '../../core/project/node.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { ArtefactRecord } from '../../store/records.ts';

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
}

export type NodeResult = Settled | Unsettled;

export const isSettled = (result: NodeResult): result is Settled => 'artefact' in result;

/** A node that could not be made. */
export const failure = (id: NodeId, error: unknown): Unsettled => ({
  id,
  status: 'failed',
  error: errorOf(error),
  reason: errorOf(error).message,
});

/** What a result says of an error; the first line of DuckDB's is enough. */
export function errorOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof ToolError) return { code: error.code, message: error.message };
  return {
    code: 'query-failed',
    message: error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error),
  };
}
