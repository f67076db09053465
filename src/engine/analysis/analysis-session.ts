import type { Column } from '../../core/definition/nodes/node.ts';
import type { Answer, Described, QueryToDescribe } from './described.ts';
import { asDescribed, describeBatch, describeWithPreparation } from './describe-queries.ts';
import { mistakeOf } from './engine-mistake.ts';
import { type Connection, Database } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import { quoteName, tableName } from '../sql-text.ts';

export interface TableToDeclare {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
}

/** Number of queries in one statement. */
const BATCH = 100;

/** A temporary database with empty tables, in which DuckDB analyses queries without running them. Has no external access. */
export class AnalysisSession {
  #database: Database;
  #connection: Connection;
  readonly #declared = new Map<string, TableToDeclare>();

  private constructor(database: Database, connection: Connection) {
    this.#database = database;
    this.#connection = connection;
  }

  static async open(): Promise<AnalysisSession> {
    const { database, connection } = await openEmpty();
    return new AnalysisSession(database, connection);
  }

  /** Creates empty tables; replaces existing ones. */
  async declare(tables: readonly TableToDeclare[]): Promise<void> {
    for (const table of tables) this.#declared.set(tableName(table), table);
    for (const batch of batchesOf(tables)) await this.#connection.run(batch.map(createTable).join(';\n'));
  }

  /** Plans and columns of queries over declared tables, in the order of the queries. */
  async describe(queries: readonly QueryToDescribe[]): Promise<readonly Described[]> {
    const answers = Array.from<Described>({ length: queries.length });
    const plain = queries.flatMap((query, index) => (query.prepare.length === 0 ? [{ index, query }] : []));
    for (const batch of batchesOf(plain)) {
      const described = await this.#describeAll(batch.map(entry => entry.query));
      batch.forEach((entry, at) => (answers[entry.index] = asDescribed(described[at], [])));
    }
    for (const [index, query] of queries.entries()) {
      if (query.prepare.length > 0) answers[index] = await this.#describePrepared(query);
    }
    return answers;
  }

  close(): void {
    this.#connection.close();
    this.#database.close();
  }

  /** A fatal error in one query invalidates the database, so the queries are split and retried in a new one. */
  async #describeAll(queries: readonly QueryToDescribe[]): Promise<readonly Answer[]> {
    try {
      return await describeBatch(this.#connection, queries);
    } catch (error) {
      await this.#reopen();
      const [only, ...more] = queries;
      if (only !== undefined && more.length === 0) return [mistakeOf(error)];
      const half = Math.ceil(queries.length / 2);
      return [...(await this.#describeAll(queries.slice(0, half))), ...(await this.#describeAll(queries.slice(half)))];
    }
  }

  async #reopen(): Promise<void> {
    this.close();
    const { database, connection } = await openEmpty();
    [this.#database, this.#connection] = [database, connection];
    const tables = [...this.#declared.values()];
    for (const batch of batchesOf(tables)) await connection.run(batch.map(createTable).join(';\n'));
  }

  /** Uses a separate connection, since preparing statements create temporary objects. */
  async #describePrepared(query: QueryToDescribe): Promise<Described> {
    const connection = await this.#database.connect();
    try {
      return await describeWithPreparation(connection, query);
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      await this.#reopen();
      return { ...mistakeOf(error), statement: null };
    } finally {
      connection.close();
    }
  }
}

async function openEmpty(): Promise<{ database: Database; connection: Connection }> {
  const database = await Database.open({
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
  });
  const connection = await database.connect();
  await connection.run('CREATE SCHEMA source; CREATE SCHEMA transform');
  return { database, connection };
}

function* batchesOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += BATCH) yield items.slice(from, from + BATCH);
}

function createTable(table: TableToDeclare): string {
  const columns = table.columns.map(column => `${quoteName(column.name)} ${column.type}`).join(', ');
  return `CREATE OR REPLACE TABLE ${tableName(table)} (${columns})`;
}
