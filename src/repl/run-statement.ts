import { ToolError } from '../diagnostics/tool-error.ts';
import { renderToolError } from '../views/diagnostics-view.ts';
import { printResult } from './print-result.ts';
import type { ReplOutput } from './repl-output.ts';
import type { ReplSession } from './repl-session.ts';

/** Runs the statements of a text and prints their results or the error. Returns false if one failed. */
export async function runStatement(
  session: ReplSession,
  sql: string,
  { output, signal }: { readonly output: ReplOutput; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    for await (const result of session.statements(sql, signal)) await printResult(result, output);
    return true;
  } catch (error) {
    const shown = signal.aborted ? 'Interrupted.\n' : renderToolError(asQueryError(error), output.errorStyle);
    await output.err(shown);
    return false;
  }
}

/** Turns any error of a query into a tool error with DuckDB's message. */
export function asQueryError(error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new ToolError('query-failed', said.replace(/^Failed to extract statements: /, ''), { cause: error });
}
