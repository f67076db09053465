import { statSync } from 'node:fs';
import type { Disk } from '../../core/disk.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { realDisk } from '../disk.ts';
import { StorePaths } from '../paths.ts';
import { isRealFolder } from '../real-folder.ts';

/** Its mtime is when somebody last looked at the environment; nothing else is in it. */
const FILE = 'last_used';

export interface Look {
  readonly environment: EnvironmentName;
  readonly at: Date;
}

/** Notes that somebody looks at an environment, without the lock. Failing to is no error. */
export function noteUse(root: string, { environment, at }: Look, disk: Disk = realDisk): void {
  const paths = new StorePaths(root);
  if (!isRealFolder(paths.environments) || !isRealFolder(paths.views(environment))) return;
  const path = paths.view(environment, FILE);
  try {
    disk.append(path, '');
    disk.setModified(path, at);
  } catch {
    // A folder that may not be written, or was just removed: looking goes on.
  }
}

/** When somebody last looked at an environment, in milliseconds since 1970; null where nobody did. */
export const lastLook = (paths: StorePaths, environment: EnvironmentName): number | null =>
  statSync(paths.view(environment, FILE), { throwIfNoEntry: false })?.mtimeMs ?? null;
