import { dirname, join } from 'node:path';
import type { Disk } from '../core/disk.ts';
import type { StorePaths } from './paths.ts';
import { randomId } from './random-id.ts';

/** What the holder of the lock writes with. */
export interface WriteContext {
  readonly paths: StorePaths;
  readonly disk: Disk;
  /** Throws `lock-lost` where the lock is no longer ours; asked right before every switch. */
  assertOwned(): void;
}

/** Replaces a file by rename: whoever reads it sees the old text or the new. */
export function replaceFile({ paths, disk }: WriteContext, path: string, text: string): void {
  const temporary = join(paths.temporary, randomId());
  disk.writeFile(temporary, text);
  disk.rename(temporary, path);
}

/** The same for what must survive a power cut: whole on disk before it is there, and there when this resolves. */
export async function replaceFileSafely(context: WriteContext, path: string, text: string): Promise<void> {
  const { paths, disk } = context;
  const temporary = join(paths.temporary, randomId());
  disk.writeFile(temporary, text);
  await disk.sync(temporary);
  context.assertOwned();
  disk.rename(temporary, path);
  await disk.sync(dirname(path));
}
