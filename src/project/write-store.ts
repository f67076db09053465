import { ownerText } from '../store/lock/lock.ts';
import type { LockOwner } from '../store/lock/lock-owner.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { withWriter } from '../store/with-writer.ts';
import type { CommonOptions, World } from '../core/world.ts';

/** Who writes, and where; waiting commands show `command`. */
export interface Writing {
  readonly world: World;
  readonly root: string;
  readonly options: CommonOptions;
  readonly command: string;
  /** Whether to repair pointers to unreadable generations first. */
  readonly repairHeads?: boolean;
}

/** Runs `work` under the store's lock. */
export function writeStore<T>(
  { world, root, options, command, repairHeads = false }: Writing,
  work: (writer: StoreWriter) => Promise<T>,
): Promise<T> {
  const timeoutSeconds = options.lockTimeout ?? 30;
  const waiting = (owner: LockOwner | null) =>
    world.emit({ kind: 'notice', text: `waiting up to ${timeoutSeconds} s for ${ownerText(owner)}` });
  const lock = { command, timeoutSeconds, signal: world.signal, repairHeads, waiting };
  return withWriter(root, world.disk ? { ...lock, disk: world.disk } : lock, work);
}
