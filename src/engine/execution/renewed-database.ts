import { type Connection, Database } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';

export interface ExecutionSettings {
  readonly threads: number | null;
  /** In DuckDB's format, such as `4GB`. */
  readonly memoryLimit: string | null;
  /** Absolute; created when DuckDB spills. */
  readonly temporaryDirectory: string;
}

/** One database, until a fatal error. */
export interface OpenDatabase {
  readonly database: Database;
  readonly idle: Connection[];
  /** By table, the SQL that its view reads. */
  readonly views: Map<string, string>;
  /** Resolves once no statement changes the catalogue. */
  catalogue: Promise<void>;
  /** Whether a fatal error made it unusable. */
  isGone: boolean;
}

/** How a statement gets its connection. */
export interface ConnectionUse {
  /** Closes the connection afterwards; set it if the work creates temporary objects. */
  readonly once?: boolean;
  /** The database to use; default: the current one. */
  readonly on?: OpenDatabase;
}

/** What a new database gets before its first use. */
export interface Preparation {
  /** Options of DuckDB, besides the settings of an execution. */
  readonly options: Readonly<Record<string, string>>;
  prepare(connection: Connection): Promise<void>;
}

const LAYERS: Preparation = {
  options: {},
  prepare: connection => connection.run('CREATE SCHEMA source; CREATE SCHEMA transform'),
};

/** How often a statement is repeated that failed because of another one. */
const REPEATS = 5;

/** Lends connections to a database, and replaces the database after a fatal error when it is used next. */
export class RenewedDatabase {
  readonly #make: () => Promise<OpenDatabase>;
  /** null after a fatal error. */
  #open: Promise<OpenDatabase> | null = null;

  private constructor(make: () => Promise<OpenDatabase>) {
    this.#make = make;
  }

  static async open(settings: ExecutionSettings, preparation = LAYERS): Promise<RenewedDatabase> {
    const renewed = new RenewedDatabase(() => openDatabase(settings, preparation));
    await renewed.current();
    return renewed;
  }

  async current(): Promise<OpenDatabase> {
    this.#open ??= this.#make();
    const opening = this.#open;
    try {
      return await opening;
    } catch (error) {
      // The next use tries again: a server may be back then.
      if (this.#open === opening) this.#open = null;
      throw error;
    }
  }

  /** Runs `work` with a connection of its own. Throws what `work` throws. */
  async connected<T>(
    work: (connection: Connection) => Promise<T>,
    { once = false, on }: ConnectionUse = {},
  ): Promise<T> {
    const opened = on ?? (await this.current());
    if (opened.isGone) throw new EngineFailure('another statement failed', true);
    const connection = opened.idle.pop() ?? (await opened.database.connect());
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof EngineFailure) this.#renew(opened);
      throw error;
    } finally {
      if (once || opened.isGone) connection.close();
      else opened.idle.push(connection);
    }
  }

  /** Runs `work` again in the new database if another statement caused the fatal error. */
  async repeating<T>(work: () => Promise<T>): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof EngineFailure && error.elsewhere) || repeats === REPEATS) throw error;
      }
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    if (open !== null) closeDatabase(await open);
  }

  /** The old database closes with its last connection. */
  #renew(broken: OpenDatabase): void {
    if (broken.isGone) return;
    broken.isGone = true;
    this.#open = null;
    closeDatabase(broken);
  }
}

async function openDatabase(settings: ExecutionSettings, preparation: Preparation): Promise<OpenDatabase> {
  const database = await Database.open({
    ...preparation.options,
    temp_directory: settings.temporaryDirectory,
    ...(settings.threads === null ? {} : { threads: String(settings.threads) }),
    ...(settings.memoryLimit === null ? {} : { memory_limit: settings.memoryLimit }),
  });
  const connection = await database.connect();
  try {
    await preparation.prepare(connection);
  } catch (error) {
    connection.close();
    database.close();
    throw error;
  }
  return { database, views: new Map(), idle: [connection], catalogue: Promise.resolve(), isGone: false };
}

function closeDatabase({ database, idle }: OpenDatabase): void {
  for (const connection of idle.splice(0)) connection.close();
  database.close();
}
