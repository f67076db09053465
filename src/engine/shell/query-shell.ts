import { copyRows } from '../execution/copy-rows.ts';
import { type Connection, type Database, interruptOn } from '../duckdb.ts';
import { asEngineFailure, EngineFailure } from '../engine-failure.ts';
import { pathsToAllow, waysTo } from '../scan.ts';
import { quoteText } from '../sql-text.ts';
import { notAQuery, prepareQuery, runQuery, splitStatements } from './query-statements.ts';
import { resultOf, type ShellResult } from './shell-result.ts';
import {
  type BrokenTable,
  lock,
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

/**
 * A read-only database. The engine can open only the files of its tables, its configuration is locked, and only statements
 * that the engine classifies as queries run.
 */
export class QueryShell {
  #database: Database;
  #connection: Connection;
  /** Whether a fatal error made the database unusable; the next statement opens a new one. */
  #isGone = false;
  readonly #tables: readonly ShellTable[];
  readonly #settings: ShellSettings;

  private constructor(
    database: Database,
    connection: Connection,
    tables: readonly ShellTable[],
    settings: ShellSettings,
  ) {
    this.#database = database;
    this.#connection = connection;
    this.#tables = tables;
    this.#settings = settings;
  }

  static async open(tables: readonly ShellTable[], settings: ShellSettings): Promise<OpenedShell> {
    const { database, connection, broken } = await openTables(tables, settings);
    return { shell: new QueryShell(database, connection, without(tables, broken), settings), broken };
  }

  /** Runs the statements of a text in order, each after the previous result was read. */
  async *statements(sql: string, signal: AbortSignal): AsyncGenerator<ShellResult> {
    for (const text of splitStatements(sql)) {
      if (this.#isGone) await this.#reopen();
      const stopListening = interruptOn(this.#connection.raw, signal);
      try {
        const result = resultOf(await runQuery(this.#connection.raw, text));
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
    await prepareQuery(this.#connection.raw, text);
    const { database, connection } = await openDatabase(this.#settings);
    try {
      await showTables(connection, this.#tables);
      await lock(connection, [...this.#tables.flatMap(table => pathsToAllow(table.place)), ...waysTo(path)]);
      const query = limit === null ? text : `SELECT * FROM (${text}\n) LIMIT ${limit}`;
      const copy = `COPY (${query}\n) TO ${quoteText(path)} (FORMAT parquet)`;
      return await copyRows(connection, { copy, into: path, signal });
    } finally {
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

  #noticed(error: unknown): unknown {
    const failure = asEngineFailure(error);
    if (failure instanceof EngineFailure) this.#isGone = true;
    return failure;
  }

  async #reopen(): Promise<void> {
    this.close();
    const { database, connection } = await openTables(this.#tables, this.#settings);
    [this.#database, this.#connection, this.#isGone] = [database, connection, false];
  }
}
