import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ToolError } from '../diagnostics/tool-error.ts';
import { asEngineFailure } from './engine-failure.ts';

/** Settings of every connection, so that equal queries give equal data on any machine. */
const RULES = "SET TimeZone = 'UTC'; SET default_null_order = 'nulls_last'; SET default_collation = ''";

/** A DuckDB instance in memory; all connections have the same settings. The first `open` loads DuckDB. */
export class Database {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(options: Readonly<Record<string, string>> = {}): Promise<Database> {
    const { DuckDBInstance: Instance, DuckDBTimestampTZValue } = await import('@duckdb/node-api');
    // The driver would format a TIMESTAMPTZ in the machine's zone instead of the session's.
    DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;
    return new Database(await Instance.create(':memory:', { ...options }).catch(asToolError));
  }

  async connect(): Promise<Connection> {
    const connection = new Connection(await this.#instance.connect());
    await connection.run(RULES);
    return connection;
  }

  close(): void {
    this.#instance.closeSync();
  }
}

export type Row = readonly unknown[];

/** A connection; runs one statement at a time. Throws `EngineFailure` on a fatal error of DuckDB. */
export class Connection {
  readonly raw: DuckDBConnection;

  constructor(raw: DuckDBConnection) {
    this.raw = raw;
  }

  /** Runs one or more statements; an abort interrupts them. */
  async run(sql: string, signal?: AbortSignal): Promise<void> {
    await this.#interruptible(() => this.raw.run(sql), signal);
  }

  /** Rows as JSON values; 64-bit integers, decimals and times are strings. */
  async rows(sql: string, signal?: AbortSignal): Promise<readonly Row[]> {
    return this.#interruptible(async () => (await this.raw.runAndReadAll(sql)).getRowsJson(), signal);
  }

  close(): void {
    this.raw.closeSync();
  }

  async #interruptible<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) throw new ToolError('interrupted', 'Interrupted.', { exitCode: 130 });
    const stopListening = interruptOn(this.raw, signal);
    try {
      return await work();
    } catch (error) {
      throw asEngineFailure(error);
    } finally {
      stopListening();
    }
  }
}

const AGAIN_MS = 50;

/** Interrupts a connection on abort, repeatedly until stopped: an interrupt before a query starts has no effect. */
export function interruptOn(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | null = null;
  const interrupt = (): void => {
    connection.interrupt();
    timer ??= setInterval(() => connection.interrupt(), AGAIN_MS);
  };
  signal?.addEventListener('abort', interrupt);
  return () => {
    signal?.removeEventListener('abort', interrupt);
    if (timer !== null) clearInterval(timer);
  };
}

function asToolError(error: unknown): never {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
  throw new ToolError('engine', `DuckDB cannot start: ${message}`, {
    cause: error,
    hint: 'Check threads and memory_limit under `settings` in seeknal_project.yml.',
  });
}
