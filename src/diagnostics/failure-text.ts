import { ToolError } from './tool-error.ts';

/** Why a node failed, in plain words. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** What of the query it is about, where DuckDB says so. */
  readonly words: readonly string[];
  /** What DuckDB said; null where it was not asked. */
  readonly said: string | null;
}

/** A tool error as data, for a plan. */
export function failureTextOf({ code, message, hint, cause }: ToolError): FailureText {
  return { code, message, hint, words: [], said: cause instanceof Error ? cause.message : null };
}

/** The error that such data came from, to be thrown. */
export const toolErrorOf = ({ code, message, hint }: FailureText): ToolError =>
  new ToolError(code, message, hint === null ? {} : { hint });
