import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf, reasonOf } from '../../store/disk.ts';

/** Writes a user's files. Throws `file-unwritable` with the name if the disk refuses. */
export function writingFiles<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw unwritable(error, name);
  }
}

/** Turns an error of the disk into `file-unwritable`; returns any other error unchanged. */
export function unwritable(error: unknown, name: string): unknown {
  const errno = error instanceof ToolError ? null : errnoOf(error);
  if (errno === null) return error;
  const reason = errno === 'ENOENT' ? 'its folder does not exist' : reasonOf(errno);
  return new ToolError('file-unwritable', `${name} cannot be written: ${reason}.`, { cause: error });
}
