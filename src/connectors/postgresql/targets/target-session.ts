import { setTimeout as wait } from 'node:timers/promises';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { type PostgresClient, PostgresError } from '../client.ts';
import type { PostgresServers } from '../servers.ts';
import type { PostgresSettings } from '../settings.ts';
import { type Holder, watchHolders } from './lock-holders.ts';

const TRIES = 3;
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

/** How long to look for the outcome of a transaction whose answer was lost. */
const LOST_ANSWER_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** One write on a connection: short transactions, each with settings of its own, as a pooler needs them. */
export class TargetSession {
  readonly servers: PostgresServers;
  readonly settings: PostgresSettings;
  #client: PostgresClient | null = null;

  constructor(servers: PostgresServers, settings: PostgresSettings) {
    this.servers = servers;
    this.settings = settings;
  }

  /** A client without a transaction, also after the last one was lost. */
  async client(): Promise<PostgresClient> {
    if (this.#client?.isLost === true) await this.close();
    return (this.#client ??= await this.servers.own(this.settings));
  }

  async close(): Promise<void> {
    await this.#client?.close();
    this.#client = null;
  }

  /**
   * Runs `work` in a transaction; again if a lock is not free in time. `what` is what messages say is locked. Throws
   * `target-locked` with the holder of the lock, and `outcome-unknown` if nobody can say whether it was committed.
   */
  async transaction<T>(what: string, work: (client: PostgresClient) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const holders: Holder[] = [];
      try {
        return await this.#attempt(holders, work);
      } catch (error) {
        const state = error instanceof PostgresError ? error.state : null;
        if (state !== LOCK_NOT_AVAILABLE && state !== DEADLOCK) throw error;
        if (tries === TRIES) throw state === DEADLOCK ? error : lockedError(what, holders, this.settings);
      }
    }
  }

  async #attempt<T>(holders: Holder[], work: (client: PostgresClient) => Promise<T>): Promise<T> {
    const client = await this.client();
    let transaction = '';
    let done: { readonly result: T } | null = null;
    try {
      return await client.transaction('ISOLATION LEVEL READ COMMITTED, READ WRITE', async () => {
        await client.run(localSettings(this.settings));
        const [[backend, id] = []] = await client.rows('SELECT pg_backend_pid(), txid_current()');
        transaction = id ?? '';
        const stop = watchHolders(this, backend ?? '', holders);
        try {
          done = { result: await work(client) };
        } finally {
          stop();
        }
        return done.result;
      });
    } catch (error) {
      // The callback assigns it, which the compiler does not see.
      const finished = done as { readonly result: T } | null;
      if (finished === null || error instanceof PostgresError || this.servers.signal.aborted) throw error;
      if (await this.#wasCommitted(transaction, error)) return finished.result;
      throw error;
    }
  }

  /** Whether a transaction was committed though its answer was lost. */
  async #wasCommitted(transaction: string, cause: unknown): Promise<boolean> {
    const deadline = performance.now() + LOST_ANSWER_MS;
    while (performance.now() < deadline) {
      const status = await this.#status(transaction);
      if (status === 'committed') return true;
      if (status === 'aborted') return false;
      await wait(LOOK_EVERY_MS, undefined, { signal: this.servers.signal });
    }
    const message =
      'The connection was lost during the commit, and the server cannot say whether the rows were written.';
    throw new ToolError('outcome-unknown', message, {
      hint: 'Run the command again when the server is back: writing again has the same result.',
      cause,
    });
  }

  async #status(transaction: string): Promise<string | null> {
    try {
      const client = await this.client();
      const [[status = null] = []] = await client.rows('SELECT txid_status($1::bigint)', [transaction]);
      return status;
    } catch {
      return null;
    }
  }
}

/** Casts in the switch read and print values in these formats, whatever the role's defaults are. */
const localSettings = ({ lockTimeout }: PostgresSettings): string =>
  `SET LOCAL lock_timeout = ${Math.round(lockTimeout * 1000)}; SET LOCAL DateStyle = 'ISO'; ` +
  `SET LOCAL IntervalStyle = 'postgres'; SET LOCAL TimeZone = 'UTC'`;

function lockedError(what: string, holders: readonly Holder[], { lockTimeout }: PostgresSettings): ToolError {
  const last = holders.at(-1);
  const by = last ? ` by process ${last.process} (user ${last.user}, application '${last.application}')` : '';
  const message = `${what} is locked${by}; gave up after ${TRIES} attempts of ${lockTimeout} s.`;
  const hint = last
    ? `Wait until process ${last.process} ends its transaction, or run SELECT pg_terminate_backend(${last.process}).`
    : 'Wait until the transaction that uses it ends, then run the command again.';
  return new ToolError('target-locked', message, { hint });
}
