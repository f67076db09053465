import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf, reasonOf } from '../../store/disk.ts';

/** Writes files of the user's; what the disk refuses is told with the name. Throws `file-unwritable`. */
export function writingFiles<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw unwritable(error, name);
  }
}

/** `file-unwritable` for what the disk refused; any other error as it is. */
export function unwritable(error: unknown, name: string): unknown {
  const errno = error instanceof ToolError ? null : errnoOf(error);
  if (errno === null) return error;
  const reason = errno === 'ENOENT' ? 'its folder does not exist' : reasonOf(errno);
  return new ToolError('file-unwritable', `${name} cannot be written: ${reason}.`, { cause: error });
}
