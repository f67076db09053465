import { relative } from 'node:path';
import { type Disk, DiskError, type DiskOperation, observedDisk, realDisk } from '../../src/store/disk.ts';

/** What becomes of one step on the disk; steps count from 1. */
export interface Fault {
  readonly step: number;
  /** `before` and `after` kill the process; `refuse` lets the operating system say no, once. */
  readonly moment: 'before' | 'after' | 'refuse';
  readonly errno?: string;
}

/** `told` learns of the step that was refused. */
export function faultyDisk(fault: Fault, told?: (step: Step) => void): Disk {
  let steps = 0;
  // Syncs overlap: a step that is under way keeps its number.
  const taken = new Map<string, number>();
  return observedDisk(realDisk, {
    before(operation, path) {
      steps += 1;
      taken.set(`${operation} ${path}`, steps);
      if (steps !== fault.step) return;
      if (fault.moment === 'before') die();
      if (fault.moment !== 'refuse') return;
      told?.({ operation, path });
      throw refusal(operation, path, fault.errno ?? 'EIO');
    },
    after(operation, path) {
      if (fault.moment === 'after' && taken.get(`${operation} ${path}`) === fault.step) die();
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
