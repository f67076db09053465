import { ToolError } from '../../../diagnostics/tool-error.ts';

/** What the operating system says of a file that cannot be opened, as an error of its source; other errors as they are. */
export function asSourceError(id: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error && 'path' in error)) return error;
  const why = error.code === 'EACCES' ? 'permission is denied' : String(error.code);
  return new ToolError('source-unreadable', `${id} cannot be read: ${String(error.path)} cannot be opened (${why}).`, {
    hint: 'Check the file and its permissions.',
    cause: error,
  });
}
