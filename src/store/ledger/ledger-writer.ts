import { dirname } from 'node:path';
import type { Disk } from '../../core/disk.ts';
import type { StorePaths } from '../paths.ts';
import type { LedgerRecord } from '../records.ts';
import { renderRecord } from './ledger-line.ts';

export interface LedgerTarget {
  readonly disk: Disk;
  readonly paths: StorePaths;
  /** Size of the file in bytes. */
  readonly size: number;
  /** Throws `lock-lost` if this process no longer holds the lock. */
  assertOwned(): void;
}

/** Appends records in order and in batches. */
export class LedgerWriter {
  readonly #target: LedgerTarget;
  #size: number;
  #queue: string[] = [];
  #working: Promise<void> | null = null;
  #failure: unknown = null;
  #unsynced = false;
  /** Set by a failed append: a later append could follow half a line and damage the ledger. */
  #broken = false;

  constructor(target: LedgerTarget) {
    this.#target = target;
    this.#size = target.size;
  }

  /** Queues a record; `settle` throws if it cannot be written. */
  add(record: LedgerRecord): void {
    this.#queue.push(renderRecord(record, this.#target.paths));
    this.#working ??= this.#work();
  }

  /** Resolves once all records are in the file. Throws the first failure. */
  async settle(): Promise<void> {
    while (this.#working) await this.#working;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Like `settle`, and also syncs the file, so that it survives a power cut. */
  async flush(): Promise<void> {
    await this.settle();
    if (!this.#unsynced) return;
    await Promise.all([
      this.#target.disk.sync(this.#target.paths.ledger),
      this.#target.disk.sync(dirname(this.#target.paths.ledger)),
    ]);
    this.#unsynced = false;
  }

  /** Continues in a new file of this size, which replaced the old one. */
  restart(size: number): void {
    this.#size = size;
    this.#unsynced = false;
  }

  async #work(): Promise<void> {
    // Records that are added in the same turn are written together.
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
      this.#truncate();
    }
  }

  #truncate(): void {
    this.#broken = true;
    try {
      this.#target.assertOwned();
      this.#target.disk.truncate(this.#target.paths.ledger, this.#size);
    } catch {
      // The next writer truncates it.
    }
  }
}
