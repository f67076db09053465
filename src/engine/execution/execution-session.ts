import type { Column } from '../../core/definition/nodes/node.ts';
import { storedType } from '../../core/types/type-map.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { compareTables, type TableComparison, type TablesToCompare } from '../comparison/compare-tables.ts';
import { type ContentIdentity, type FileScope, identitiesOfParquet } from '../identity/content-identity.ts';
import { type Connection, Database } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import { IdentityQueue } from '../identity/identity-queue.ts';
import { copyRows } from './copy-rows.ts';
import { parquetOf, quoteName, quoteText, tableName } from '../sql-text.ts';

export interface ExecutionSettings {
  readonly threads: number | null;
  /** As DuckDB takes it, such as `4GB`. */
  readonly memoryLimit: string | null;
  /** Absolute; made when something has to be spilled. */
  readonly temporaryDirectory: string;
}

/** A table that was written to a file. */
export interface WrittenFile {
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** The same, and what it holds is known. */
export type WrittenTable = WrittenFile & ContentIdentity;

export interface Statements {
  readonly prepare: readonly string[];
  readonly query: string;
}

export interface InputFile {
  readonly schema: string;
  readonly name: string;
  /** Absolute path of its Parquet file. */
  readonly path: string;
}

export interface Sample {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface DescribedColumns {
  /** As a query gives them. */
  readonly computed: readonly Column[];
  /** As they are stored. */
  readonly columns: readonly Column[];
}

export interface RowsToWrite {
  readonly query: string;
  /** What the query gives, where that is known; else DuckDB is asked. */
  readonly columns?: readonly Column[];
  /** Absolute path of a file that is not there yet. */
  readonly into: string;
  readonly signal?: AbortSignal;
}

export interface QueryToWrite extends RowsToWrite {
  readonly prepare: readonly { readonly text: string }[];
  readonly inputs: readonly InputFile[];
}

/** Rows that are looked at within a moment. */
const SOON_READ = 1_000_000;

/** How often a statement is repeated that only failed because another made DuckDB give up. */
const REPEATS = 5;

/** One database, until DuckDB gives it up. */
interface OpenDatabase {
  readonly database: Database;
  /** Views of inputs by table: made once, in the order of the calls. */
  readonly views: Map<string, string>;
  readonly idle: Connection[];
  catalogue: Promise<void>;
  /** DuckDB gave it up. */
  isGone: boolean;
}

/**
 * Runs queries over Parquet files and writes what comes out. A query may run beside others. What makes DuckDB give up
 * fails alone: a new database is opened, and what ran beside it is run again there.
 */
export class ExecutionSession {
  readonly #settings: ExecutionSettings;
  readonly #offered: InputFile[] = [];
  readonly #identities = new IdentityQueue(work => this.#repeating(() => this.#withConnection(false, work)));
  #open: Promise<OpenDatabase>;

  private constructor(settings: ExecutionSettings, open: OpenDatabase) {
    this.#settings = settings;
    this.#open = Promise.resolve(open);
  }

  static async open(settings: ExecutionSettings): Promise<ExecutionSession> {
    return new ExecutionSession(settings, await openDatabase(settings));
  }

  /** Runs a transform over its inputs and writes the rows of its last statement; others may read the file from then on. */
  async writeQuery(work: QueryToWrite): Promise<WrittenFile> {
    return this.#repeating(async () => {
      const opened = await this.#showInputs(work.inputs);
      const write = async (connection: Connection): Promise<WrittenFile> => {
        for (const { text } of work.prepare) await connection.run(text, work.signal);
        return writeFile(connection, work.query, work);
      };
      return this.#withConnection(work.prepare.length > 0, write, opened);
    });
  }

  /** What a file holds, found out beside whatever else runs. An abort stops it where it takes long: what is nearly done is kept. */
  async identityBeside(path: string, { columns, rows }: WrittenFile, signal: AbortSignal): Promise<string> {
    const identity = this.#identities.identityOf({ path, columns }, rows > SOON_READ ? signal : undefined);
    return (await identity).identity;
  }

  /** Looks at once at all that `identityBeside` still keeps waiting for others. */
  flushIdentities(): void {
    this.#identities.flush();
  }

  /** A file that queries are going to read under a table's name: shown together with the next one that has to be. */
  offerFile(file: InputFile): void {
    this.#offered.push(file);
  }

  /** Output columns of a query, of any type. */
  async computedColumns(query: string): Promise<readonly Column[]> {
    return this.#repeating(() => this.#withConnection(false, connection => describeRows(connection, query)));
  }

  /** Runs a query that needs no inputs, and writes its rows. */
  async writeRows({ query, into, columns, signal }: RowsToWrite): Promise<WrittenTable> {
    const write = async (connection: Connection): Promise<WrittenTable> => {
      const written = await writeFile(connection, query, {
        into,
        ...(columns ? { columns } : {}),
        ...(signal ? { signal } : {}),
      });
      return { ...written, ...(await identityOfOne(connection, { path: into, columns: written.columns }, signal)) };
    };
    return this.#repeating(() => this.#withConnection(false, write));
  }

  /** The content of a file: in some columns, or in all that it has. */
  async identityOf(
    path: string,
    scope: { readonly columns?: readonly Column[]; readonly ordered?: boolean },
  ): Promise<ContentIdentity> {
    const look = async (connection: Connection): Promise<ContentIdentity> => {
      const columns = scope.columns ?? (await describeRows(connection, `FROM ${parquetOf(path)}`));
      return identityOfOne(connection, { path, columns, ordered: scope.ordered === true });
    };
    return this.#repeating(() => this.#withConnection(false, look));
  }

  /** Lets later queries find a file under a table's name. */
  async showFile(table: Pick<InputFile, 'schema' | 'name'>, path: string): Promise<void> {
    await this.#repeating(() => this.#showInputs([{ ...table, path }]));
  }

  /** The same for what a query gives; it is run now, and kept for this session alone. */
  async showQuery(table: Pick<InputFile, 'schema' | 'name'>, { prepare, query }: Statements): Promise<void> {
    await this.#withConnection(prepare.length > 0, async connection => {
      for (const text of prepare) await connection.run(text);
      await connection.run(`CREATE OR REPLACE TABLE ${tableName(table)} AS ${query}`);
    });
  }

  /** The first rows of a query, as texts, under its columns as they are stored. */
  async sample(work: Statements & { readonly limit: number; readonly signal?: AbortSignal }): Promise<Sample> {
    return this.#withConnection(work.prepare.length > 0, async connection => {
      for (const text of work.prepare) await connection.run(text, work.signal);
      const columns = storedColumns(await describeRows(connection, work.query));
      const texts = columns.map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR)`);
      const rows = await connection.rows(
        `SELECT ${texts.join(', ')} FROM (${work.query}\n) LIMIT ${work.limit}`,
        work.signal,
      );
      return { columns, rows: rows.map(row => row.map(value => (value === null ? null : String(value)))) };
    });
  }

  /** Rows of a query over Parquet files, as JSON values. */
  async rows(query: string, signal?: AbortSignal): Promise<readonly (readonly unknown[])[]> {
    return this.#repeating(() => this.#withConnection(false, connection => connection.rows(query, signal)));
  }

  /** How two tables differ; see `compareTables`. */
  async compare(work: TablesToCompare): Promise<TableComparison> {
    return this.#repeating(() => this.#withConnection(true, connection => compareTables(connection, work)));
  }

  async close(): Promise<void> {
    closeDatabase(await this.#open);
  }

  /** A connection that made temporary objects is not used again. */
  async #withConnection<T>(once: boolean, work: (connection: Connection) => Promise<T>, on?: OpenDatabase): Promise<T> {
    const opened = on ?? (await this.#open);
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

  /** The first to notice opens the new database; the old one ends with its last connection. */
  #renew(broken: OpenDatabase): void {
    if (broken.isGone) return;
    broken.isGone = true;
    this.#open = openDatabase(this.#settings);
    closeDatabase(broken);
  }

  async #repeating<T>(work: () => Promise<T>): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof EngineFailure && error.elsewhere) || repeats === REPEATS) throw error;
      }
    }
  }

  /** The catalogue is changed by one statement at a time: two that meet would be a conflict. */
  async #showInputs(inputs: readonly InputFile[]): Promise<OpenDatabase> {
    const opened = await this.#open;
    const isShown = (input: InputFile) => opened.views.get(tableName(input)) === input.path;
    let failure: unknown = null;
    if (!inputs.every(isShown)) {
      const missing = [...inputs, ...this.#offered.splice(0)].filter(input => !isShown(input));
      for (const input of missing) opened.views.set(tableName(input), input.path);
      opened.catalogue = opened.catalogue.then(async () => {
        const found = await this.#makeViews(opened, missing);
        if (missing.every(file => inputs.includes(file))) failure = found;
      });
    }
    await opened.catalogue;
    if (failure !== null) throw failure;
    // What could not be shown beside others says why on its own.
    for (const input of inputs.filter(each => !isShown(each)))
      await this.#withConnection(false, connection => connection.run(viewOf(input)), opened);
    return opened;
  }

  /** The error where it fails, never a rejection: a file that cannot be shown holds up no other. */
  async #makeViews(opened: OpenDatabase, files: readonly InputFile[]): Promise<unknown> {
    try {
      await this.#withConnection(false, connection => connection.run(files.map(viewOf).join('; ')), opened);
      return null;
    } catch (error) {
      for (const file of files) opened.views.delete(tableName(file));
      return error;
    }
  }
}

const viewOf = (file: InputFile): string => `CREATE OR REPLACE VIEW ${tableName(file)} AS FROM ${parquetOf(file.path)}`;

async function openDatabase(settings: ExecutionSettings): Promise<OpenDatabase> {
  const database = await Database.open({
    temp_directory: settings.temporaryDirectory,
    ...(settings.threads === null ? {} : { threads: String(settings.threads) }),
    ...(settings.memoryLimit === null ? {} : { memory_limit: settings.memoryLimit }),
  });
  const connection = await database.connect();
  await connection.run('CREATE SCHEMA source; CREATE SCHEMA transform');
  return { database, views: new Map(), idle: [connection], catalogue: Promise.resolve(), isGone: false };
}

function closeDatabase({ database, idle }: OpenDatabase): void {
  for (const connection of idle.splice(0)) connection.close();
  database.close();
}

async function identityOfOne(connection: Connection, file: FileScope, signal?: AbortSignal): Promise<ContentIdentity> {
  const [identity] = await identitiesOfParquet(connection, [file], signal);
  if (!identity) throw new Error('DuckDB answered nothing');
  return identity;
}

async function describeRows(connection: Connection, query: string): Promise<readonly Column[]> {
  const rows = await connection.rows(`DESCRIBE ${query}`);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}

/** As they are stored; throws for a type that cannot be. */
export function storedColumns(columns: readonly Column[]): readonly Column[] {
  return columns.map(({ name, type }) => {
    const stored = storedType(type);
    if (stored !== null) return { name, type: stored };
    throw new ToolError('unstorable-type', `The column '${name}' has type ${type}, which cannot be stored.`, {
      hint: 'Cast it to another type.',
    });
  });
}

async function writeFile(
  connection: Connection,
  query: string,
  { into, signal, columns: known }: Pick<QueryToWrite, 'into' | 'signal' | 'columns'>,
): Promise<WrittenFile> {
  const found = known ?? (await describeRows(connection, query));
  const columns = storedColumns(found);
  const copy = `COPY (${mapped(query, found, columns)}\n) TO ${quoteText(into)} (FORMAT parquet)`;
  return { columns, rows: await copyRows(connection, { copy, into, signal }) };
}

/** The query with every column as it is stored; untouched where all of them are already. */
function mapped(query: string, found: readonly Column[], stored: readonly Column[]): string {
  const expressions = found.map(({ name, type }, index) => {
    const column = quoteName(name);
    const target = stored[index]?.type ?? type;
    if (type === 'INTERVAL') return `${keptInterval(column)} AS ${column}`;
    return target === type ? column : `CAST(${column} AS ${target}) AS ${column}`;
  });
  const changed = expressions.some((expression, index) => expression !== quoteName(found[index]?.name ?? ''));
  return changed ? `SELECT ${expressions.join(', ')} FROM (${query}\n)` : query;
}

/** Parquet keeps intervals in milliseconds, and none that are negative: what would be lost fails the node. */
function keptInterval(column: string): string {
  const parts = ['year', 'month', 'day', 'hour', 'minute', 'microseconds'].map(
    part => `datepart('${part}', ${column})`,
  );
  const refuse = (what: string): string => `error(${quoteText(`${what} cannot be stored: cast ${column} to VARCHAR`)})`;
  return [
    `CASE WHEN least(${parts.join(', ')}) < 0 THEN ${refuse('a negative interval')}`,
    `WHEN datepart('microseconds', ${column}) % 1000 <> 0 THEN ${refuse('an interval with microseconds')}`,
    `ELSE ${column} END`,
  ].join(' ');
}
