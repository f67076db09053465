import { join } from 'node:path';
import type { Disk } from '../core/disk.ts';
import type { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';
import { readText } from './ledger/stored-json.ts';

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** A file of `target/cache/`; null where there is none that can be read. */
export function readCacheFile(paths: StorePaths, name: string): string | null {
  try {
    return readText(join(paths.cache, checked(name)));
  } catch {
    return null;
  }
}

/** Replaces a file of `target/cache/` by rename. Failing to costs only speed and is no error. */
export function writeCacheFile(
  { paths, disk }: { readonly paths: StorePaths; readonly disk: Disk },
  name: string,
  text: string,
): void {
  const path = join(paths.cache, checked(name));
  const temporary = `${path}.${randomId()}`;
  try {
    disk.makeFolder(paths.cache);
    disk.writeFile(temporary, text);
    disk.rename(temporary, path);
  } catch {
    removeQuietly(disk, temporary);
  }
}

function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.removeTree(path);
  } catch {
    // The cache may be deleted at any time; so may what is left of a try to write it.
  }
}

function checked(name: string): string {
  if (!NAME.test(name)) throw new Error(`no name for a cache: ${name}`);
  return name;
}
