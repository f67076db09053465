import { dirname } from 'node:path';
import type { Disk } from '../../core/disk.ts';
import type { StorePaths } from '../paths.ts';
import type { LedgerRecord } from '../records.ts';
import { renderRecord } from './ledger-line.ts';

export interface LedgerTarget {
  readonly disk: Disk;
  readonly paths: StorePaths;
  /** Bytes that the file has. */
  readonly size: number;
  /** Throws where the lock is no longer ours. */
  assertOwned(): void;
}

/** Appends records in their order, many at a time. */
export class LedgerWriter {
  readonly #target: LedgerTarget;
  #size: number;
  #queue: string[] = [];
  #working: Promise<void> | null = null;
  #failure: unknown = null;
  #unsynced = false;
  /** After a failed append nothing more may follow: half a line in the middle would be damage. */
  #broken = false;

  constructor(target: LedgerTarget) {
    this.#target = target;
    this.#size = target.size;
  }

  /** Where the record cannot be written, `settle` throws. */
  add(record: LedgerRecord): void {
    this.#queue.push(renderRecord(record, this.#target.paths));
    this.#working ??= this.#work();
  }

  /** Resolves once all that was added is in the file. Throws what kept any of it out. */
  async settle(): Promise<void> {
    while (this.#working) await this.#working;
    if (this.#failure !== null) throw this.#failure;
  }

  /** The same, and it would survive a power cut. */
  async flush(): Promise<void> {
    await this.settle();
    if (!this.#unsynced) return;
    await Promise.all([
      this.#target.disk.sync(this.#target.paths.ledger),
      this.#target.disk.sync(dirname(this.#target.paths.ledger)),
    ]);
    this.#unsynced = false;
  }

  /** Goes on in the file of that size that has taken the old one's place. */
  restart(size: number): void {
    this.#size = size;
    this.#unsynced = false;
  }

  async #work(): Promise<void> {
    // What is added in the same turn goes out together.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const lines = this.#queue;
      this.#queue = [];
      this.#append(lines.join(''));
    }
    this.#working = null;
  }

  #append(text: string): void {
    if (text === '' || this.#broken) return;
    try {
      this.#target.assertOwned();
      this.#unsynced = true;
      this.#target.disk.append(this.#target.paths.ledger, text);
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      this.#failure ??= error;
      this.#cut();
    }
  }

  #cut(): void {
    this.#broken = true;
    try {
      this.#target.assertOwned();
      this.#target.disk.truncate(this.#target.paths.ledger, this.#size);
    } catch {
      // The next writer cuts it.
    }
  }
}
