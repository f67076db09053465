import { dirname } from 'node:path';
import { errnoOf } from '../disk.ts';
import type { WriteContext } from '../write-context.ts';
import { isOwnFolder } from './own-folder.ts';

/** Follows no link. The lock is looked at before each: another owner may have begun to use what was free when it was marked. */
export function removeFile({ paths, disk, assertOwned }: WriteContext, path: string): void {
  assertOwned();
  if (!isOwnFolder(paths, dirname(path))) return;
  try {
    disk.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
