import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import type { FileReading } from '../reader-call.ts';
import { unreadable } from './unreadable.ts';

/** Runs work that reads the files; turns DuckDB's errors into `source-unreadable`. */
export async function refusing<T>(session: ExecutionSession, reading: FileReading, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ToolError ? error : await unreadable(session, reading, error);
  }
}
