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
  /** What a person typed, for whoever has to wait. */
  readonly command: string;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Told once, at once, who is waited for; null where that cannot be read. */
  waiting?(owner: LockOwner | null): void;
}

/** Tokens of locks that this process could not let go of: nobody holds them. */
const abandoned = new Set<string>();

const HEARTBEAT_MS = 5_000;
const LONGEST_NAP_MS = 200;

/**
 * The writer's lock: a folder that holds one file, named after its owner's token. It is taken by renaming such a folder
 * into place, which succeeds only where there is none or an empty one, and taken over by renaming the dead owner's file
 * away: that names one owner exactly, so that it cannot hit another's lock, and only one can do it.
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

  /** Throws `lock-lost` where somebody took this process for dead. */
  assertOwned(): void {
    if (existsSync(this.#file())) return;
    throw new ToolError('lock-lost', 'The lock was taken over by another command, so this one stopped.', {
      hint: 'Run the command again.',
      exitCode: 75,
    });
  }

  /** Never throws: a lock that could not be removed is nobody's to this process, and a dead owner's once it ends. */
  release(): void {
    clearInterval(this.#heartbeat);
    abandoned.add(this.owner.token);
    try {
      this.#disk.unlink(this.#file());
      abandoned.delete(this.owner.token);
      // Between the two, the next owner may have moved in: a folder that is not empty stays.
      this.#disk.removeFolder(this.#paths.lock);
    } catch {
      // The work is done or has failed for a reason of its own: that is what to tell.
    }
  }

  #file(): string {
    return join(this.#paths.lock, `${this.owner.token}.json`);
  }

  #beat(): void {
    try {
      this.#disk.setModified(this.#file(), new Date());
    } catch {
      // Whether the lock was lost is asked before each switch.
    }
  }
}

/** Waits for the lock. Throws `lock-held` (exit 75) naming the owner, or `interrupted` (exit 130). */
export async function acquireLock(paths: StorePaths, disk: Disk, options: LockOptions): Promise<Lock> {
  const owner = describeOwner(randomId(), options.command);
  const deadline = performance.now() + options.timeoutSeconds * 1000;
  const here = whereabouts();
  let told = false;
  for (let nap = 10; ; nap = Math.min(nap * 2, LONGEST_NAP_MS)) {
    if (options.signal?.aborted) throw new ToolError('interrupted', 'Interrupted.', { exitCode: 130 });
    const holder = readHolder(paths);
    if (holder === null && take(paths, disk, owner)) return new Lock(paths, disk, owner);
    if (holder !== null && bury({ paths, disk, here }, holder)) continue;
    const left = deadline - performance.now();
    if (left <= 0) throw heldBy(readHolder(paths)?.owner ?? null, options);
    if (!told && holder !== null) {
      options.waiting?.(holder.owner);
      told = true;
    }
    await sleep(Math.min(nap * (0.5 + Math.random()), left));
  }
}

/** Whether a command that may be alive holds the lock right now. */
export function isLocked(paths: StorePaths): boolean {
  const holder = readHolder(paths);
  return holder !== null && !isNobodys(holder, whereabouts());
}

const isNobodys = ({ owner, heartbeatMs }: Holder, here: Whereabouts): boolean =>
  (owner !== null && abandoned.has(owner.token)) || isDead(owner, here, Date.now() - heartbeatMs);

/** Who left the lock behind; null where that cannot be read. Ask only where it is not locked. */
export const deadOwner = (paths: StorePaths): LockOwner | null => readHolder(paths)?.owner ?? null;

interface Holder {
  /** null where what is written there cannot be read. */
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
    // ENOENT: the owner who has just won cleared the temporaries away, this one among them.
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST' || errno === 'ENOENT') return false;
    throw error;
  }
}

/** Takes the file of an owner away that is dead or has let go; false where the owner may be at work. */
function bury({ paths, disk, here }: { paths: StorePaths; disk: Disk; here: Whereabouts }, holder: Holder): boolean {
  if (!isNobodys(holder, here)) return false;
  const grave = join(paths.temporary, `dead-${randomId()}`);
  ignoring(['ENOENT'], () => {
    disk.rename(holder.file, grave);
    disk.unlink(grave);
  });
  return true;
}

/** The owner of a lock, for whoever waits. */
export const ownerText = (owner: LockOwner | null): string =>
  owner ? `'${owner.command}' (pid ${owner.pid} on ${owner.host}, since ${owner.since})` : 'another command';

function heldBy(owner: LockOwner | null, options: LockOptions): ToolError {
  return new ToolError('lock-held', `lock held by ${ownerText(owner)}; waited ${options.timeoutSeconds} s.`, {
    hint: 'Try again when it is done, or wait longer with --lock-timeout.',
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
