import { statSync } from 'node:fs';
import type { Disk } from '../../core/disk.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { realDisk } from '../disk.ts';
import { StorePaths } from '../paths.ts';
import { isRealFolder } from '../real-folder.ts';

/** An empty file whose mtime is the last time that a command read the environment. */
const FILE = 'last_used';

export interface Look {
  readonly environment: EnvironmentName;
  readonly at: Date;
}

/** Records that a command reads an environment. Needs no lock; ignores failures. */
export function noteUse(root: string, { environment, at }: Look, disk: Disk = realDisk): void {
  const paths = new StorePaths(root);
  if (!isRealFolder(paths.environments) || !isRealFolder(paths.views(environment))) return;
  const path = paths.view(environment, FILE);
  try {
    disk.append(path, '');
    disk.setModified(path, at);
  } catch {
    // The folder is read-only or was just removed; reading can continue.
  }
}

/** When a command last read an environment, in milliseconds since 1970; null if none did. */
export const lastLook = (paths: StorePaths, environment: EnvironmentName): number | null =>
  statSync(paths.view(environment, FILE), { throwIfNoEntry: false })?.mtimeMs ?? null;
