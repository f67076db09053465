import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that holds the lock, with the facts that show whether it is still alive. */
export interface LockOwner {
  readonly token: string;
  readonly command: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** null if the system does not provide it. */
  readonly boot: string | null;
  readonly pidNamespace: string | null;
  /** When the process started, in clock ticks of the system; detects a reused pid. */
  readonly started: string | null;
}

/** Where this process runs; compared with the owner's record. */
export type Whereabouts = Pick<LockOwner, 'host' | 'boot' | 'pidNamespace'>;

/** An owner on another machine or in another container counts as dead once its heartbeat is older than this. */
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

/** Whether an owner is certainly dead; `heartbeatAge` in milliseconds. If in doubt, it counts as alive. */
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
    // EPERM: the process exists, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of `/proc/<pid>/stat`; null if the process does not exist or is a zombie. */
function startOf(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return null;
  // The command name is in brackets and may itself contain brackets and spaces.
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
