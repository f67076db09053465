import type { Column } from '../../core/definition/nodes/node.ts';
import { compareTables, type TableComparison, type TablesToCompare } from '../comparison/compare-tables.ts';
import type { Connection } from '../duckdb.ts';
import type { ContentIdentity } from '../identity/content-identity.ts';
import { IdentityQueue } from '../identity/identity-queue.ts';
import { scan, type ScannedPlace } from '../scan.ts';
import { quoteName, tableName } from '../sql-text.ts';
import { type InputTable, InputViews, type TableName } from './input-views.ts';
import { type ConnectionUse, type ExecutionSettings, RenewedDatabase } from './renewed-database.ts';
import { storedColumns } from './stored-columns.ts';
import {
  describeRows,
  identityOfOne,
  type RowsToWrite,
  writeFile,
  type WrittenFile,
  type WrittenTable,
  writeTable,
} from './write-file.ts';

export interface Statements {
  readonly prepare: readonly string[];
  readonly query: string;
}

export interface Sample {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface QueryToWrite extends RowsToWrite {
  readonly prepare: readonly { readonly text: string }[];
  readonly inputs: readonly InputTable[];
}

/** Most rows that are hashed quickly enough not to be interrupted. */
const QUICKLY_READ = 1_000_000;

/**
 * Runs queries over places and writes their results; queries may run concurrently. After a fatal error of DuckDB only the
 * query that caused it fails: the others are repeated in a new database.
 */
export class ExecutionSession {
  readonly #databases: RenewedDatabase;
  readonly #views: InputViews;
  readonly #identities: IdentityQueue;

  private constructor(databases: RenewedDatabase) {
    this.#databases = databases;
    this.#views = new InputViews(databases);
    this.#identities = new IdentityQueue(work => this.#repeated(work));
  }

  static async open(settings: ExecutionSettings): Promise<ExecutionSession> {
    return new ExecutionSession(await RenewedDatabase.open(settings));
  }

  /** Runs a transform over its inputs and writes the rows of its last statement to a file. */
  async writeQuery(work: QueryToWrite): Promise<WrittenFile> {
    return this.#databases.repeating(async () => {
      const on = await this.#views.show(work.inputs);
      const write = async (connection: Connection): Promise<WrittenFile> => {
        for (const { text } of work.prepare) await connection.run(text, work.signal);
        return writeFile(connection, work);
      };
      return this.#databases.connected(write, { once: work.prepare.length > 0, on });
    });
  }

  /** The content identity of a place, computed concurrently. An abort interrupts it only if the place is large. */
  identityBeside(place: ScannedPlace, { columns, rows }: WrittenFile, signal: AbortSignal): Promise<ContentIdentity> {
    return this.#identities.identityOf({ place, columns }, rows > QUICKLY_READ ? signal : undefined);
  }

  /** Starts all pending calls of `identityBeside`. */
  flushIdentities(): void {
    this.#identities.flush();
  }

  /** Announces a table that later queries read; its view is created together with the next one. */
  offerTable(table: InputTable): void {
    this.#views.offer(table);
  }

  /** Output columns of a query, of any type. */
  async computedColumns(query: string): Promise<readonly Column[]> {
    return this.#repeated(connection => describeRows(connection, query));
  }

  /** Runs a query without inputs and writes its rows to a file. */
  async writeRows(rows: RowsToWrite): Promise<WrittenTable> {
    return this.#repeated(connection => writeTable(connection, rows));
  }

  /** The content identity of a place over some columns, or over all of them. */
  async identityOf(
    place: ScannedPlace,
    { columns, ordered = false }: { readonly columns?: readonly Column[]; readonly ordered?: boolean },
  ): Promise<ContentIdentity> {
    return this.#repeated(async connection => {
      const read = columns ?? (await describeRows(connection, `FROM ${scan(place)}`));
      return identityOfOne(connection, { place, columns: read, ordered });
    });
  }

  /** Makes a place readable as a table. */
  async showTable(table: InputTable): Promise<void> {
    await this.#databases.repeating(() => this.#views.show([table]));
  }

  /** Runs a query and makes its result readable as a table in this session. */
  async showQuery(table: TableName, { prepare, query }: Statements): Promise<void> {
    const show = async (connection: Connection): Promise<void> => {
      for (const text of prepare) await connection.run(text);
      await connection.run(`CREATE OR REPLACE TABLE ${tableName(table)} AS ${query}`);
    };
    await this.#databases.connected(show, { once: prepare.length > 0 });
  }

  /** The first rows of a query as text, with its columns as stored. */
  async sample(work: Statements & { readonly limit: number; readonly signal?: AbortSignal }): Promise<Sample> {
    return this.#databases.connected(connection => sampleOf(connection, work), { once: work.prepare.length > 0 });
  }

  /** Rows of a query as JSON values. */
  async rows(query: string, signal?: AbortSignal): Promise<readonly (readonly unknown[])[]> {
    return this.#repeated(connection => connection.rows(query, signal));
  }

  /** How two tables differ; see `compareTables`. */
  async compare(work: TablesToCompare): Promise<TableComparison> {
    return this.#repeated(connection => compareTables(connection, work), { once: true });
  }

  async close(): Promise<void> {
    await this.#databases.close();
  }

  #repeated<T>(work: (connection: Connection) => Promise<T>, use: ConnectionUse = {}): Promise<T> {
    return this.#databases.repeating(() => this.#databases.connected(work, use));
  }
}

async function sampleOf(
  connection: Connection,
  { prepare, query, limit, signal }: Statements & { readonly limit: number; readonly signal?: AbortSignal },
): Promise<Sample> {
  for (const text of prepare) await connection.run(text, signal);
  const columns = storedColumns(await describeRows(connection, query));
  const texts = columns.map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR)`);
  const rows = await connection.rows(`SELECT ${texts.join(', ')} FROM (${query}\n) LIMIT ${limit}`, signal);
  return { columns, rows: rows.map(row => row.map(value => (value === null ? null : String(value)))) };
}
