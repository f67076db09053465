import { ToolError } from '../../diagnostics/tool-error.ts';
import { copyRows } from '../execution/copy-rows.ts';
import { type Connection, type Database, interruptOn } from '../duckdb.ts';
import { asEngineFailure, EngineFailure } from '../engine-failure.ts';
import { pathsToAllow, waysTo } from '../scan.ts';
import { quoteText } from '../sql-text.ts';
import { notAQuery, prepareQuery, runQuery, splitStatements } from './query-statements.ts';
import { resultOf, type ShellResult } from './shell-result.ts';
import { assertAllowedFunctions } from './refused-functions.ts';
import { isUnreachable, ShellServers } from './shell-servers.ts';
import {
  type BrokenTable,
  lock,
  type OpenedTables,
  openDatabase,
  openTables,
  type ShellSettings,
  type ShellTable,
  showTables,
  without,
} from './shell-tables.ts';

export interface OpenedShell {
  readonly shell: QueryShell;
  /** Tables that could not be opened, with the reason. */
  readonly broken: readonly BrokenTable[];
}

/** The servers of a shell; `signal` stops waiting for those that it attaches first. */
export interface Attaching {
  readonly servers: ShellServers;
  readonly signal: AbortSignal;
}

/** What every database of a shell is opened with. */
interface Kept {
  readonly tables: readonly ShellTable[];
  readonly settings: ShellSettings;
  readonly servers: ShellServers;
}

/**
 * A read-only database. The engine can open only the files of its tables, its configuration is locked, and only statements
 * that the engine classifies as queries run. Attached servers refuse writes themselves.
 */
export class QueryShell {
  #database: Database;
  #connection: Connection;
  /** Whether a fatal error made the database unusable; the next statement opens a new one. */
  #isGone = false;
  readonly #tables: readonly ShellTable[];
  readonly #settings: ShellSettings;
  readonly #servers: ShellServers;

  private constructor({ database, connection }: OpenedTables, kept: Kept) {
    this.#database = database;
    this.#connection = connection;
    this.#tables = kept.tables;
    this.#settings = kept.settings;
    this.#servers = kept.servers;
  }

  static async open(
    tables: readonly ShellTable[],
    settings: ShellSettings,
    attaching: Attaching = { servers: new ShellServers(), signal: new AbortController().signal },
  ): Promise<OpenedShell> {
    const { servers, signal } = attaching;
    const reaching = servers.reachFirst(signal);
    const opened = await openTables(tables, settings, async database => {
      await reaching;
      await servers.attach(database);
    });
    const { broken } = opened;
    return { shell: new QueryShell(opened, { tables: without(tables, broken), settings, servers }), broken };
  }

  /** Names of the servers that are attached now. */
  get attached(): readonly string[] {
    return this.#servers.attached;
  }

  /** Runs the statements of a text in order, each after the previous result was read. */
  async *statements(sql: string, signal: AbortSignal): AsyncGenerator<ShellResult> {
    for (const text of splitStatements(sql)) {
      const { outcome, stopListening } = await this.#begin(runQuery, text, signal);
      try {
        const result = resultOf(outcome, () => this.#reasonFor(text, signal));
        yield { ...result, chunks: this.#watched(result.chunks) };
      } catch (error) {
        throw this.#noticed(error);
      } finally {
        stopListening();
      }
    }
  }

  /** Writes the rows of one query to a Parquet file, in a database that may write only this file. Returns their number. */
  async writeParquet(
    sql: string,
    path: string,
    { limit, signal }: { readonly limit: number | null; readonly signal: AbortSignal },
  ): Promise<number> {
    const [text = '', ...more] = splitStatements(sql);
    if (more.length > 0) throw notAQuery();
    const { stopListening } = await this.#begin(prepareQuery, text, signal);
    const { database, connection } = await openDatabase(this.#settings);
    try {
      await showTables(connection, this.#tables);
      await this.#servers.attach(database);
      await lock(connection, [...this.#tables.flatMap(table => pathsToAllow(table.place)), ...waysTo(path)]);
      const query = limit === null ? text : `SELECT * FROM (${text}\n) LIMIT ${limit}`;
      const copy = `COPY (${query}\n) TO ${quoteText(path)} (FORMAT parquet)`;
      return await copyRows(connection, { copy, into: path, signal });
    } catch (error) {
      throw this.#servers.withoutSecrets(error);
    } finally {
      stopListening();
      connection.close();
      database.close();
    }
  }

  close(): void {
    this.#connection.close();
    this.#database.close();
  }

  async *#watched(chunks: ShellResult['chunks']): ShellResult['chunks'] {
    try {
      yield* chunks;
    } catch (error) {
      throw this.#noticed(error);
    }
  }

  /** Why the rows of a query ended early. The driver does not say, so the query runs again for a while, without its rows. */
  async #reasonFor(text: string, signal: AbortSignal): Promise<unknown> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(REPEAT_MS)]);
    const stopListening = this.#servers.cancelOn(limited);
    try {
      await this.#connection.run(`EXPLAIN ANALYZE ${text}`, limited);
    } catch (error) {
      if (!limited.aborted) return error;
    } finally {
      stopListening();
    }
    return new ToolError('query-failed', 'The query failed after some of its rows were read.', {
      hint: 'Run it again.',
    });
  }

  /** Begins a statement. Where it needs a server that is gone or not attached, attaches that and begins again. */
  async #begin<T>(begin: Begin<T>, text: string, signal: AbortSignal): Promise<Begun<T>> {
    for (let repairs = 0; ; repairs += 1) {
      try {
        return await this.#beginOnce(begin, text, signal);
      } catch (error) {
        if (repairs > this.#servers.count || !(await this.#repaired(error, signal))) throw error;
      }
    }
  }

  async #beginOnce<T>(begin: Begin<T>, text: string, signal: AbortSignal): Promise<Begun<T>> {
    if (this.#isGone) await this.#reopen();
    const stopListening = this.#stopOn(signal);
    try {
      if (this.#servers.isLoaded) await assertAllowedFunctions(this.#connection, text);
      await this.#servers.refresh(this.#connection, text);
      return { outcome: await begin(this.#connection.raw, text), stopListening };
    } catch (error) {
      stopListening();
      throw this.#noticed(error);
    }
  }

  /** Whether the cause of a failed statement was repaired. Throws why a server that it needs cannot be attached. */
  async #repaired(error: unknown, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#isGone) return false;
    if (isUnreachable(error) && this.attached.length > 0) {
      await this.#servers.detach(this.#connection);
      return true;
    }
    const server = this.#servers.missing(error);
    if (server === null) return false;
    await this.#servers.reach(server, signal);
    await this.#reopen();
    this.#servers.assertNoFailure(server.name);
    return true;
  }

  #stopOn(signal: AbortSignal): () => void {
    const stops = [interruptOn(this.#connection.raw, signal), this.#servers.cancelOn(signal)];
    return () => stops.forEach(stop => stop());
  }

  #noticed(error: unknown): unknown {
    const failure = this.#servers.withoutSecrets(asEngineFailure(error));
    if (failure instanceof EngineFailure) this.#isGone = true;
    return failure;
  }

  async #reopen(): Promise<void> {
    this.#isGone = true;
    this.close();
    const opened = await openTables(this.#tables, this.#settings, database => this.#servers.attach(database));
    [this.#database, this.#connection, this.#isGone] = [opened.database, opened.connection, false];
  }
}

const REPEAT_MS = 10_000;

type Begin<T> = (connection: Connection['raw'], text: string) => Promise<T>;

interface Begun<T> {
  readonly outcome: T;
  stopListening(): void;
}
