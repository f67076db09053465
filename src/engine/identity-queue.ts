import { type ContentIdentity, type FileScope, identitiesOfParquet } from './content-identity.ts';
import type { Connection } from './duckdb.ts';

/** How many files one statement looks at. */
const BATCH = 20;

interface Waiting {
  readonly file: FileScope;
  readonly signal: AbortSignal | undefined;
  resolve(identity: ContentIdentity): void;
  reject(error: unknown): void;
}

/** Finds out what files hold, beside whatever else runs: those that come while others are looked at go together. */
export class IdentityQueue {
  readonly #connect: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly #waiting: Waiting[] = [];
  #working = false;

  constructor(connect: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>) {
    this.#connect = connect;
  }

  identityOf(file: FileScope, signal?: AbortSignal): Promise<ContentIdentity> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ file, signal, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) await this.#look(this.#waiting.splice(0, BATCH));
    this.#working = false;
  }

  /** What fails together is asked one by one, so that each file answers for itself. */
  async #look(batch: readonly Waiting[]): Promise<void> {
    const files = batch.map(entry => entry.file);
    try {
      const found = await this.#connect(connection => identitiesOfParquet(connection, files, batch[0]?.signal));
      batch.forEach((entry, index) => entry.resolve(found[index] as ContentIdentity));
    } catch (error) {
      if (batch.length > 1) for (const entry of batch) await this.#look([entry]);
      else batch[0]?.reject(error);
    }
  }
}
