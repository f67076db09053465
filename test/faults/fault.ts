import { relative } from 'node:path';
import { DiskError, observedDisk, realDisk } from '../../src/store/disk.ts';
import type { Disk, DiskOperation } from '../../src/core/disk.ts';

/** Kills the process at one step on the disk; steps count from 1. Where steps overlap, it is another one each time. */
export interface Death {
  readonly step: number;
  readonly moment: 'before' | 'after';
}

/** Lets the operating system say no, once: to the nth step of a kind, from 1. What else is under way has no bearing on it. */
export interface Refusal {
  readonly kind: string;
  readonly nth: number;
  readonly errno: string;
}

export function dyingDisk(death: Death): Disk {
  let steps = 0;
  // Syncs overlap: a step that is under way keeps its number.
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

/** `told` learns that there was such a step. */
export function refusingDisk({ kind, nth, errno }: Refusal, root: string, told: () => void): Disk {
  let met = 0;
  return observedDisk(realDisk, {
    before(operation, path) {
      if (kindOf({ operation, path }, root) !== kind) return;
      met += 1;
      if (met !== nth) return;
      told();
      throw refusal(operation, path, errno);
    },
  });
}

/** At once: nothing of this process runs any more, in no thread. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

export const refusal = (operation: DiskOperation, path: string, errno: string): DiskError =>
  new DiskError(operation, path, Object.assign(new Error(errno), { code: errno }));

export interface Step {
  readonly operation: DiskOperation;
  readonly path: string;
}

/** A disk that writes down every step that is asked of it. */
export function tracedDisk(steps: Step[]): Disk {
  return observedDisk(realDisk, { before: (operation, path) => void steps.push({ operation, path }) });
}

/** Steps of one kind differ only in random names and serials. */
export function kindOf({ operation, path }: Step, root: string): string {
  const place = relative(root, path)
    .replace(/\/artefacts\/[a-z2-7](?=\/|$)/, '/artefacts/*')
    .replace(/[a-z2-7]{16}/g, '*')
    .replace(/\d+\.json$/, 'N.json');
  return `${operation} ${place}`;
}
