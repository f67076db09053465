import type { DuckDBConnection, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import type { Json } from '../../core/json.ts';
import type { Column } from '../../core/definition/nodes/node.ts';
import { lexSql } from '../../core/definition/sql/sql-lexer.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { copyRows } from '../execution/copy-rows.ts';
import { type Connection, Database, interruptOn } from '../duckdb.ts';
import { asEngineFailure, EngineFailure } from '../engine-failure.ts';
import { literalPath, parquetOf, quoteName, quoteText } from '../sql-text.ts';
import { valueToJson, valueToText } from './value-text.ts';

/** A table of the shell. */
export interface ShellTable {
  readonly view: string;
  /** Another name for it; null where that is taken. */
  readonly alias: string | null;
  /** Absolute path of its Parquet file. */
  readonly path: string;
}

/** The rows of one statement, as they come. */
export interface ShellResult {
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly (readonly unknown[])[]>;
  toJson(value: unknown, column: number): Json;
  toText(value: unknown, column: number): string | null;
}

export interface ShellSettings {
  readonly threads: number | null;
  readonly memoryLimit: string | null;
  readonly temporaryDirectory: string;
}

export interface OpenedShell {
  readonly shell: QueryShell;
  /** Tables that could not be opened, with the reason. */
  readonly broken: readonly { readonly view: string; readonly reason: string }[];
}

/**
 * A database that can only be read: the engine itself may open nothing but the files of its tables, its configuration is
 * locked, and a statement runs only if the engine says that it is a query.
 */
export class QueryShell {
  #database: Database;
  #connection: Connection;
  /** DuckDB gave its database up: the next statement gets a new one. */
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
    const whole = tables.filter(table => !broken.some(entry => entry.view === table.view));
    return { shell: new QueryShell(database, connection, whole, settings), broken };
  }

  /** Runs the statements of a text one after the other, each when the result before has been read. */
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

  /** Writes the rows of one query as Parquet, with a database that may write this one file; returns their number. */
  async writeParquet(
    sql: string,
    path: string,
    { limit, signal }: { readonly limit: number | null; readonly signal: AbortSignal },
  ): Promise<number> {
    const [text = '', ...more] = splitStatements(sql);
    if (more.length > 0) throw notAQuery();
    await prepareQuery(this.#connection.raw, text);
    const database = await Database.open(databaseOptions(this.#settings));
    const connection = await database.connect();
    try {
      await showTables(connection, this.#tables);
      await lock(connection, [...this.#tables.flatMap(table => waysOf(table.path)), path]);
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

interface OpenedTables extends Pick<OpenedShell, 'broken'> {
  readonly database: Database;
  readonly connection: Connection;
}

/** A locked database with a view for each table that can be opened. */
async function openTables(tables: readonly ShellTable[], settings: ShellSettings): Promise<OpenedTables> {
  const database = await Database.open(databaseOptions(settings));
  const connection = await database.connect();
  try {
    const broken = await showTables(connection, tables);
    const whole = tables.filter(table => !broken.some(entry => entry.view === table.view));
    await lock(
      connection,
      whole.flatMap(table => waysOf(table.path)),
    );
    return { database, connection, broken };
  } catch (error) {
    connection.close();
    database.close();
    if (!(error instanceof EngineFailure)) throw error;
  }
  const broken = await tablesThatFail(tables, settings);
  const opened = await openTables(
    tables.filter(table => !broken.some(entry => entry.view === table.view)),
    settings,
  );
  return { ...opened, broken: [...broken, ...opened.broken] };
}

/** Each in a database of its own: one at which DuckDB gives up would hide the others. */
async function tablesThatFail(tables: readonly ShellTable[], settings: ShellSettings): Promise<OpenedShell['broken']> {
  const broken: { view: string; reason: string }[] = [];
  for (const table of tables) {
    const database = await Database.open(databaseOptions(settings));
    const connection = await database.connect();
    await connection.run(viewsOf(table)).catch((error: unknown) => {
      broken.push({ view: table.view, reason: firstLine(error) });
    });
    connection.close();
    database.close();
  }
  if (broken.length === 0) throw new Error('DuckDB gave up for no table alone');
  return broken;
}

const databaseOptions = ({
  threads,
  memoryLimit,
  temporaryDirectory,
}: ShellSettings): Readonly<Record<string, string>> => ({
  temp_directory: temporaryDirectory,
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  ...(threads === null ? {} : { threads: String(threads) }),
  ...(memoryLimit === null ? {} : { memory_limit: memoryLimit }),
});

/** One view a table, all in one statement; only where that fails one by one, to say which. */
async function showTables(
  connection: Connection,
  tables: readonly ShellTable[],
): Promise<readonly { readonly view: string; readonly reason: string }[]> {
  try {
    if (tables.length > 0) await connection.run(tables.map(viewsOf).join('; '));
    return [];
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    const broken: { view: string; reason: string }[] = [];
    for (const table of tables) {
      await connection.run(viewsOf(table)).catch((error: unknown) => {
        broken.push({ view: table.view, reason: firstLine(error) });
      });
    }
    return broken;
  }
}

function viewsOf({ view, alias, path }: ShellTable): string {
  const main = `CREATE OR REPLACE VIEW ${quoteName(view)} AS FROM ${parquetOf(path)}`;
  return alias === null ? main : `${main}; CREATE OR REPLACE VIEW ${quoteName(alias)} AS FROM ${quoteName(view)}`;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** The engine asks for a path as it is written, and again for the file that it found there. */
const waysOf = (path: string): readonly string[] => [...new Set([path, literalPath(path)])];

async function lock(connection: Connection, paths: readonly string[]): Promise<void> {
  // A path is asked for as a pattern first, where it holds what a pattern could.
  const list = [...new Set(paths.flatMap(path => [path, literalPath(path)]))].map(quoteText).join(', ');
  await connection.run(
    `SET allowed_paths = [${list}]; SET enable_external_access = false; SET lock_configuration = true`,
  );
}

/** The statements of a text, by their semicolons. */
function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let start = 0;
  for (const token of lexSql(sql)) {
    if (token.upper !== ';') continue;
    statements.push(sql.slice(start, token.from));
    start = token.to;
  }
  return [...statements, sql.slice(start)].filter(text => lexSql(text).length > 0);
}

const notAQuery = (): ToolError =>
  new ToolError('read-only', 'Only queries are allowed here: the shell is read-only.', {
    hint: 'SELECT, FROM, DESCRIBE, SUMMARIZE, SHOW, PIVOT and EXPLAIN work.',
  });

async function runQuery(connection: DuckDBConnection, text: string): Promise<DuckDBResult> {
  const statement = await prepareQuery(connection, text);
  return statement.stream();
}

/** Prepares a statement, which runs nothing, and refuses it unless the engine says that it is a query. */
async function prepareQuery(connection: DuckDBConnection, text: string) {
  const extracted = await connection.extractStatements(text);
  const { StatementType } = await import('@duckdb/node-api');
  for (let index = 0; index < extracted.count - 1; index += 1) await runPivotType(extracted, text, index);
  const statement = await extracted.prepare(extracted.count - 1);
  const type = statement.statementType;
  if (type === StatementType.EXPLAIN) await assertExplainsQuery(connection, text);
  else if (type !== StatementType.SELECT) throw notAQuery();
  return statement;
}

/** A PIVOT without IN comes as several statements: those before the last make types of DuckDB's own, in memory. */
async function runPivotType(
  extracted: Awaited<ReturnType<DuckDBConnection['extractStatements']>>,
  text: string,
  index: number,
): Promise<void> {
  const [first] = lexSql(text);
  const words = lexSql(text).map(token => token.upper);
  if (first?.upper === 'CREATE' || !words.some(word => word.startsWith('PIVOT'))) throw notAQuery();
  const statement = await extracted.prepare(index);
  const { StatementType } = await import('@duckdb/node-api');
  if (statement.statementType !== StatementType.CREATE) throw notAQuery();
  await statement.run();
}

/** `EXPLAIN ANALYZE` runs what it explains. */
async function assertExplainsQuery(connection: DuckDBConnection, text: string): Promise<void> {
  const tokens = lexSql(text);
  let index = 1;
  if (tokens[index]?.upper === 'ANALYZE' || tokens[index]?.upper === 'ANALYSE') index += 1;
  if (tokens[index]?.upper === '(' && /^(ANALYZE|ANALYSE|FORMAT|CODEGEN)$/.test(tokens[index + 1]?.upper ?? '')) {
    while (index < tokens.length && tokens[index]?.upper !== ')') index += 1;
    index += 1;
  }
  const inner = text.slice(tokens[index]?.from ?? text.length);
  const extracted = await connection.extractStatements(inner);
  const { StatementType } = await import('@duckdb/node-api');
  if (extracted.count !== 1) throw notAQuery();
  const statement = await extracted.prepare(0);
  if (statement.statementType !== StatementType.SELECT) throw notAQuery();
}

function resultOf(result: DuckDBResult): ShellResult {
  const types: readonly DuckDBType[] = result.columnTypes();
  const columns = result
    .columnNames()
    .map((name, index) => ({ name, type: String(types[index]?.alias ?? types[index]) }));
  return {
    columns,
    chunks: chunksOf(result),
    toJson: (value, column) => valueToJson(value, types[column] as DuckDBType),
    toText: (value, column) =>
      value === null || value === undefined ? null : valueToText(value, types[column] as DuckDBType),
  };
}

async function* chunksOf(result: DuckDBResult): AsyncGenerator<readonly (readonly unknown[])[]> {
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
    yield chunk.getRows();
}
