import { ToolError } from '../../../diagnostics/tool-error.ts';

/** Turns an operating system error about a file into `source-unreadable`; returns other errors unchanged. */
export function asSourceError(id: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error && 'path' in error)) return error;
  const why = error.code === 'EACCES' ? 'permission denied' : String(error.code);
  return new ToolError('source-unreadable', `${id} cannot be read: ${String(error.path)} cannot be opened (${why}).`, {
    hint: 'Check the file and its permissions.',
    cause: error,
  });
}
