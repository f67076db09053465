import { ToolError } from './tool-error.ts';

/** Why a node failed, as a message for people. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Names in the query that the failure concerns, if DuckDB reports them. */
  readonly words: readonly string[];
  /** DuckDB's message; null if the failure is not DuckDB's. */
  readonly said: string | null;
}

/** A tool error as data, for a plan. */
export function failureTextOf({ code, message, hint, cause }: ToolError): FailureText {
  return { code, message, hint, words: [], said: cause instanceof Error ? cause.message : null };
}

/** The error that such data came from, to be thrown. */
export const toolErrorOf = ({ code, message, hint }: FailureText): ToolError =>
  new ToolError(code, message, hint === null ? {} : { hint });
