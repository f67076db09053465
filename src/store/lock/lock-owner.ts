import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds the lock, and all that tells whether that process still lives. */
export interface LockOwner {
  readonly token: string;
  readonly command: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** null where the system has no such thing. */
  readonly boot: string | null;
  readonly pidNamespace: string | null;
  /** When the process started, in the system's own ticks: a pid may be given out again. */
  readonly started: string | null;
}

/** Where this process runs; compared with what an owner wrote down. */
export type Whereabouts = Pick<LockOwner, 'host' | 'boot' | 'pidNamespace'>;

/** A lock from elsewhere whose heartbeat is older than this has lost its owner. */
export const HEARTBEAT_LIMIT_MS = 60_000;

export function whereabouts(): Whereabouts {
  return {
    host: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: attempt(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** This process as the owner of a lock. */
export function describeOwner(token: string, command: string): LockOwner {
  const since = new Date().toISOString();
  return { token, command, pid: process.pid, since, ...whereabouts(), started: startOf(process.pid) };
}

/** Whether an owner is gone for certain; `heartbeatAge` in milliseconds. What cannot be known counts as alive. */
export function isDead(owner: LockOwner | null, here: Whereabouts, heartbeatAge: number): boolean {
  if (owner === null || owner.host !== here.host) return heartbeatAge > HEARTBEAT_LIMIT_MS;
  if (owner.boot !== null && here.boot !== null && owner.boot !== here.boot) return true;
  if (owner.pidNamespace !== here.pidNamespace) return heartbeatAge > HEARTBEAT_LIMIT_MS;
  return !isRunning(owner);
}

function isRunning(owner: LockOwner): boolean {
  if (owner.started !== null) return startOf(owner.pid) === owner.started;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of `/proc/<pid>/stat`; null where there is no such process, or only what its parent has not buried yet. */
function startOf(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // The command's name stands in brackets and may hold anything, brackets and spaces included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
