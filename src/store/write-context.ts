import { dirname, join } from 'node:path';
import type { Disk } from '../core/disk.ts';
import type { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';

/** What code that writes the store needs; only the holder of the lock has one. */
export interface WriteContext {
  readonly paths: StorePaths;
  readonly disk: Disk;
  /** Throws `lock-lost` if this process no longer holds the lock; called right before every switch. */
  assertOwned(): void;
}

/** Replaces a file by rename: readers see either the old or the new text. */
export function replaceFile({ paths, disk }: WriteContext, path: string, text: string): void {
  const temporary = join(paths.temporary, randomId());
  disk.writeFile(temporary, text);
  disk.rename(temporary, path);
}

/** Like `replaceFile`, but syncs the file and its folder, so that the change survives a power cut. */
export async function replaceFileSafely(context: WriteContext, path: string, text: string): Promise<void> {
  const { paths, disk } = context;
  const temporary = join(paths.temporary, randomId());
  disk.writeFile(temporary, text);
  await disk.sync(temporary);
  context.assertOwned();
  disk.rename(temporary, path);
  await disk.sync(dirname(path));
}
