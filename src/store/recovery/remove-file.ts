import { dirname } from 'node:path';
import { errnoOf } from '../disk.ts';
import type { WriteContext } from '../write-context.ts';
import { isOwnFolder } from './own-folder.ts';

/** Removes a file; does not follow links. Checks the lock first: a new owner may already use the file. */
export function removeFile({ paths, disk, assertOwned }: WriteContext, path: string): void {
  assertOwned();
  if (!isOwnFolder(paths, dirname(path))) return;
  try {
    disk.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
