import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf, reasonOf } from '../../store/disk.ts';

/** Writes files of the user's; what the disk refuses is told with the name. Throws `file-unwritable`. */
export function writingFiles<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null) throw error;
    throw new ToolError('file-unwritable', `${name} cannot be written: ${reasonOf(errno)}.`, { cause: error });
  }
}
