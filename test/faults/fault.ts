import { relative } from 'node:path';
import { DiskError, observedDisk, realDisk } from '../../src/store/disk.ts';
import type { Disk, DiskOperation } from '../../src/core/disk.ts';

/** Kills the process at one disk operation, counted from 1. Concurrent operations may be counted in another order. */
export interface Death {
  readonly step: number;
  readonly moment: 'before' | 'after';
}

/** Makes one disk operation fail: the nth of its kind, from 1. Other operations do not affect the count. */
export interface Refusal {
  readonly kind: string;
  readonly nth: number;
  readonly errno: string;
}

export function dyingDisk(death: Death): Disk {
  let steps = 0;
  // Syncs overlap, so each operation keeps the number it started with.
  const taken = new Map<string, number>();
  return observedDisk(realDisk, {
    before(operation, path) {
      steps += 1;
      taken.set(`${operation} ${path}`, steps);
      if (death.moment === 'before' && steps === death.step) die();
    },
    after(operation, path) {
      if (death.moment === 'after' && taken.get(`${operation} ${path}`) === death.step) die();
    },
  });
}

/** A disk on which one operation fails; calls `refused` when it does. */
export function refusingDisk({ kind, nth, errno }: Refusal, root: string, refused: () => void): Disk {
  let met = 0;
  return observedDisk(realDisk, {
    before(operation, path) {
      if (kindOf({ operation, path }, root) !== kind) return;
      met += 1;
      if (met !== nth) return;
      refused();
      throw refusal(operation, path, errno);
    },
  });
}

/** SIGKILL stops all threads at once. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

export const refusal = (operation: DiskOperation, path: string, errno: string): DiskError =>
  new DiskError(operation, path, Object.assign(new Error(errno), { code: errno }));

export interface Step {
  readonly operation: DiskOperation;
  readonly path: string;
}

/** A disk that records every operation. */
export function tracedDisk(steps: Step[]): Disk {
  return observedDisk(realDisk, { before: (operation, path) => void steps.push({ operation, path }) });
}

/** The kind of an operation: its path without random names and serials. */
export function kindOf({ operation, path }: Step, root: string): string {
  const place = relative(root, path)
    .replace(/\/artefacts\/[a-z2-7](?=\/|$)/, '/artefacts/*')
    .replace(/[a-z2-7]{16}/g, '*')
    .replace(/\d+\.json$/, 'N.json');
  return `${operation} ${place}`;
}
