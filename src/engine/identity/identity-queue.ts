import { type ContentIdentity, identitiesOf, type PlaceScope } from './content-identity.ts';
import type { Connection } from '../duckdb.ts';

/** Places per statement, and how long the first one waits for others. */
const BATCH = 20;
const LONGEST_WAIT_MS = 100;

interface Waiting {
  readonly scope: PlaceScope;
  readonly signal: AbortSignal | undefined;
  resolve(identity: ContentIdentity): void;
  reject(error: unknown): void;
}

/** Computes content identities concurrently, several places per statement, which halves the time. */
export class IdentityQueue {
  readonly #connect: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #due = false;
  #working = false;

  constructor(connect: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>) {
    this.#connect = connect;
  }

  identityOf(scope: PlaceScope, signal?: AbortSignal): Promise<ContentIdentity> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ scope, signal, resolve, reject });
      this.#timer ??= setTimeout(() => this.flush(), LONGEST_WAIT_MS);
      if (!this.#working) void this.#work();
    });
  }

  /** Starts all waiting requests. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = true;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length >= BATCH || (this.#due && this.#waiting.length > 0)) {
      const batch = this.#waiting.splice(0, BATCH);
      if (this.#waiting.length === 0) this.#due = false;
      await this.#readBatch(batch);
    }
    this.#working = false;
  }

  /** Repeats a failed batch one by one, so that each place reports its own error. */
  async #readBatch(batch: readonly Waiting[]): Promise<void> {
    const scopes = batch.map(entry => entry.scope);
    const signal = batch.find(entry => entry.signal)?.signal;
    try {
      const found = await this.#connect(connection => identitiesOf(connection, scopes, signal));
      batch.forEach((entry, index) => entry.resolve(found[index] as ContentIdentity));
    } catch (error) {
      if (batch.length > 1) for (const entry of batch) await this.#readBatch([entry]);
      else batch[0]?.reject(error);
    }
  }
}
