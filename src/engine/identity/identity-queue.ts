import { type ContentIdentity, identitiesOf, type PlaceScope } from './content-identity.ts';
import type { Connection } from '../duckdb.ts';

/** How many places one statement looks at, and how long the first of them waits for others. */
const BATCH = 20;
const PATIENCE_MS = 100;

interface Waiting {
  readonly scope: PlaceScope;
  readonly signal: AbortSignal | undefined;
  resolve(identity: ContentIdentity): void;
  reject(error: unknown): void;
}

/** Finds out what places hold, beside whatever else runs, several in one statement: so it takes half the time. */
export class IdentityQueue {
  readonly #connect: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly #waiting: Waiting[] = [];
  #patience: NodeJS.Timeout | undefined;
  #due = false;
  #working = false;

  constructor(connect: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>) {
    this.#connect = connect;
  }

  identityOf(scope: PlaceScope, signal?: AbortSignal): Promise<ContentIdentity> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ scope, signal, resolve, reject });
      this.#patience ??= setTimeout(() => this.flush(), PATIENCE_MS);
      if (!this.#working) void this.#work();
    });
  }

  /** No more will come soon: those that wait are looked at now. */
  flush(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#due = true;
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length >= BATCH || (this.#due && this.#waiting.length > 0)) {
      const batch = this.#waiting.splice(0, BATCH);
      if (this.#waiting.length === 0) this.#due = false;
      await this.#look(batch);
    }
    this.#working = false;
  }

  /** What fails together is asked one by one, so that each place answers for itself. */
  async #look(batch: readonly Waiting[]): Promise<void> {
    const scopes = batch.map(entry => entry.scope);
    const signal = batch.find(entry => entry.signal)?.signal;
    try {
      const found = await this.#connect(connection => identitiesOf(connection, scopes, signal));
      batch.forEach((entry, index) => entry.resolve(found[index] as ContentIdentity));
    } catch (error) {
      if (batch.length > 1) for (const entry of batch) await this.#look([entry]);
      else batch[0]?.reject(error);
    }
  }
}
