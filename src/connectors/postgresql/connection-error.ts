import type { DatabaseError } from 'pg';
import { ToolError, type ToolErrorDetails } from '../../diagnostics/tool-error.ts';
import type { ConnectionProblem, FailedAttempt } from './connection-problem.ts';
import { rejectionProblem } from './rejection-problem.ts';
import { endpointOf, type PostgresSettings } from './settings.ts';
import { systemProblem } from './system-problem.ts';

/** The error of a failed attempt: says what failed and what to try, and repeats no secret. */
export function connectionError(attempt: FailedAttempt): ToolError {
  const { settings, error } = attempt;
  if (error instanceof ToolError) return error;
  const { hint, ...problem } = isServerError(error) ? rejectionProblem(attempt, error) : systemProblem(attempt);
  return connectionFailure(settings, problem, { hint, cause: error });
}

/** An error that names the connection and its endpoint. */
export function connectionFailure(
  settings: PostgresSettings,
  { code, what }: Pick<ConnectionProblem, 'code' | 'what'>,
  details: ToolErrorDetails,
): ToolError {
  return new ToolError(code, `Connection '${settings.name}' to ${endpointOf(settings)}: ${what}.`, details);
}

/** An error that the server sent, as opposed to one of the network or of the driver. */
export const isServerError = (error: unknown): error is DatabaseError =>
  error instanceof Error && 'severity' in error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code));
