import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { errnoOf } from '../disk.ts';
import type { Disk } from '../../core/disk.ts';
import { describeOwner, isDead, type LockOwner, type Whereabouts, whereabouts } from './lock-owner.ts';
import { notOwnFolder } from '../recovery/own-folder.ts';
import type { StorePaths } from '../paths.ts';
import { randomId } from '../random-id.ts';
import { readText } from '../ledger/stored-json.ts';

export interface LockOptions {
  /** The command as typed, shown to commands that wait for it. */
  readonly command: string;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Called once, as soon as waiting starts; null if the owner cannot be read. */
  waiting?(owner: LockOwner | null): void;
}

/** Tokens of locks that this process failed to release; they count as free. */
const abandoned = new Set<string>();

const HEARTBEAT_MS = 5_000;
const LONGEST_NAP_MS = 200;

/**
 * The writer's lock: a folder with one file, named after its owner's token. A process takes it by renaming such a folder
 * into place, which fails unless the place is free or an empty folder. It takes over a dead owner's lock by renaming that
 * owner's file away. The file name identifies the owner, so another owner's lock is safe and only one process succeeds.
 */
export class Lock {
  readonly owner: LockOwner;
  readonly #paths: StorePaths;
  readonly #disk: Disk;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(paths: StorePaths, disk: Disk, owner: LockOwner) {
    this.owner = owner;
    this.#paths = paths;
    this.#disk = disk;
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
  }

  /** Throws `lock-lost` if another process considered this one dead and took the lock over. */
  assertOwned(): void {
    if (existsSync(this.#file())) return;
    throw new ToolError('lock-lost', 'Another command took over the lock, so this one stopped.', {
      hint: 'Run the command again.',
      exitCode: 75,
    });
  }

  /** Never throws. A lock that cannot be removed counts as free here, and for other processes once this one ends. */
  release(): void {
    clearInterval(this.#heartbeat);
    abandoned.add(this.owner.token);
    try {
      this.#disk.unlink(this.#file());
      abandoned.delete(this.owner.token);
      // The next owner may already have moved in; a folder that is not empty stays.
      this.#disk.removeFolder(this.#paths.lock);
    } catch {
      // The outcome of the work matters more than a lock that could not be removed.
    }
  }

  #file(): string {
    return join(this.#paths.lock, `${this.owner.token}.json`);
  }

  #beat(): void {
    try {
      this.#disk.setModified(this.#file(), new Date());
    } catch {
      // `assertOwned` finds out whether the lock was lost.
    }
  }
}

/** Waits for the lock. Throws `lock-held` (exit 75), which names the owner, or `interrupted` (exit 130). */
export async function acquireLock(paths: StorePaths, disk: Disk, options: LockOptions): Promise<Lock> {
  const owner = describeOwner(randomId(), options.command);
  const deadline = performance.now() + options.timeoutSeconds * 1000;
  const here = whereabouts();
  let reported = false;
  for (let nap = 10; ; nap = Math.min(nap * 2, LONGEST_NAP_MS)) {
    if (options.signal?.aborted) throw new ToolError('interrupted', 'Interrupted.', { exitCode: 130 });
    const holder = readHolder(paths);
    if (holder === null && take(paths, disk, owner)) return new Lock(paths, disk, owner);
    if (holder !== null && removeDead({ paths, disk, here }, holder)) continue;
    const left = deadline - performance.now();
    if (left <= 0) throw heldBy(readHolder(paths)?.owner ?? null, options);
    if (!reported && holder !== null) {
      options.waiting?.(holder.owner);
      reported = true;
    }
    await sleep(Math.min(nap * (0.5 + Math.random()), left));
  }
}

/** Whether a command that may be alive holds the lock. */
export function isLocked(paths: StorePaths): boolean {
  const holder = readHolder(paths);
  return holder !== null && !isFree(holder, whereabouts());
}

const isFree = ({ owner, heartbeatMs }: Holder, here: Whereabouts): boolean =>
  (owner !== null && abandoned.has(owner.token)) || isDead(owner, here, Date.now() - heartbeatMs);

/** The owner that left its lock behind; null if it cannot be read. Call only if `isLocked` is false. */
export const deadOwner = (paths: StorePaths): LockOwner | null => readHolder(paths)?.owner ?? null;

interface Holder {
  /** null if the file cannot be parsed. */
  readonly owner: LockOwner | null;
  readonly file: string;
  readonly heartbeatMs: number;
}

function readHolder(paths: StorePaths): Holder | null {
  if (lstatSync(paths.lock, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw notOwnFolder(paths.lock);
  try {
    const name = readdirSync(paths.lock)[0];
    if (name === undefined) return null;
    const file = join(paths.lock, name);
    const text = readText(file);
    return text === null ? null : { owner: parseOwner(text), file, heartbeatMs: statSync(file).mtimeMs };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function parseOwner(text: string): LockOwner | null {
  try {
    const owner = JSON.parse(text) as LockOwner | null;
    return typeof owner?.pid === 'number' && typeof owner.host === 'string' ? owner : null;
  } catch {
    return null;
  }
}

function take(paths: StorePaths, disk: Disk, owner: LockOwner): boolean {
  const folder = join(paths.temporary, `lock-${owner.token}`);
  try {
    disk.makeFolder(folder);
    disk.writeFile(join(folder, `${owner.token}.json`), `${JSON.stringify(owner)}\n`);
    disk.rename(folder, paths.lock);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'ENOENT') disk.removeTree(folder);
    // ENOENT: another process just took the lock and cleared the temporary files, including this one.
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST' || errno === 'ENOENT') return false;
    throw error;
  }
}

/** Removes the lock file of an owner that is dead or abandoned it; false if the owner may be alive. */
function removeDead(
  { paths, disk, here }: { paths: StorePaths; disk: Disk; here: Whereabouts },
  holder: Holder,
): boolean {
  if (!isFree(holder, here)) return false;
  const grave = join(paths.temporary, `dead-${randomId()}`);
  ignoring(['ENOENT'], () => {
    disk.rename(holder.file, grave);
    disk.unlink(grave);
  });
  return true;
}

/** The owner of a lock, as text for messages. */
export const ownerText = (owner: LockOwner | null): string =>
  owner ? `'${owner.command}' (pid ${owner.pid} on ${owner.host}, since ${owner.since})` : 'another command';

function heldBy(owner: LockOwner | null, options: LockOptions): ToolError {
  return new ToolError('lock-held', `lock held by ${ownerText(owner)}; waited ${options.timeoutSeconds} s.`, {
    hint: 'Try again when that command is done, or wait longer with --lock-timeout.',
    exitCode: 75,
  });
}

function ignoring(errnos: readonly string[], step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!errnos.includes(errnoOf(error) ?? '')) throw error;
  }
}
