import { realDisk } from './disk.ts';
import type { Disk } from '../core/disk.ts';
import { acquireLock, type LockOptions } from './lock/lock.ts';
import { repairHeads } from './recovery/head-recovery.ts';
import { StorePaths } from './paths.ts';
import { clearTemporaries, ensureStore, repairLedger } from './recovery/recover.ts';
import { StoreReader } from './store-reader.ts';
import { StoreWriter } from './store-writer.ts';
import type { WriteContext } from './write-context.ts';

export interface WriterOptions extends LockOptions {
  /** Default: the real file system. */
  readonly disk?: Disk;
  /** Whether to repair unreadable heads first. */
  readonly repairHeads?: boolean;
}

/**
 * Takes the project's lock, repairs what a dead writer left, runs `work` and releases the lock. If `work` fails, what it
 * stored is kept. Throws `lock-held` (75), `lock-lost` (75), `interrupted` (130), `format-too-new`, `store-damaged`, `disk`.
 */
export async function withWriter<T>(
  root: string,
  options: WriterOptions,
  work: (writer: StoreWriter) => Promise<T>,
): Promise<T> {
  const paths = new StorePaths(root);
  const disk = options.disk ?? realDisk;
  new StoreReader(paths, disk).assertReadable();
  disk.makeFolder(paths.temporary);
  const lock = await acquireLock(paths, disk, options);
  try {
    return await workUnderLock({ paths, disk, assertOwned: () => lock.assertOwned() }, options, work);
  } finally {
    lock.release();
  }
}

async function workUnderLock<T>(
  context: WriteContext,
  options: WriterOptions,
  work: (writer: StoreWriter) => Promise<T>,
): Promise<T> {
  clearTemporaries(context);
  ensureStore(context);
  const writer = new StoreWriter(context, repairLedger(context));
  if (options.repairHeads === true) repairHeads(context, writer);
  await writer.repair();
  try {
    const result = await work(writer);
    await writer.finish();
    return result;
  } catch (error) {
    // The command reports the first failure.
    await writer.finish().catch(() => {});
    throw error;
  }
}
