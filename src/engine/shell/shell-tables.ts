import { type Connection, Database } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import { pathsToAllow, scan, type ScannedPlace } from '../scan.ts';
import { quoteName, quoteText } from '../sql-text.ts';

/** A table of the shell. */
export interface ShellTable {
  readonly view: string;
  /** Another name; null if that name is taken. */
  readonly alias: string | null;
  readonly place: ScannedPlace;
}

export interface ShellSettings {
  readonly threads: number | null;
  readonly memoryLimit: string | null;
  readonly temporaryDirectory: string;
}

/** A table that could not be opened, and the reason. */
export interface BrokenTable {
  readonly view: string;
  readonly reason: string;
}

export interface OpenedTables {
  readonly database: Database;
  readonly connection: Connection;
  readonly broken: readonly BrokenTable[];
}

/** A locked database with a view for each table that can be opened, after `attach` has added other databases. */
export async function openTables(
  tables: readonly ShellTable[],
  settings: ShellSettings,
  attach: (database: Database) => Promise<void>,
): Promise<OpenedTables> {
  const opened = await openDatabase(settings);
  try {
    const broken = await showTables(opened.connection, tables);
    await attach(opened.database);
    await lock(
      opened.connection,
      without(tables, broken).flatMap(table => pathsToAllow(table.place)),
    );
    return { ...opened, broken };
  } catch (error) {
    opened.connection.close();
    opened.database.close();
    if (!(error instanceof EngineFailure)) throw error;
  }
  const broken = await tablesThatFail(tables, settings);
  const rest = await openTables(without(tables, broken), settings, attach);
  return { ...rest, broken: [...broken, ...rest.broken] };
}

/** The tables that could be opened. */
export const without = (tables: readonly ShellTable[], broken: readonly BrokenTable[]): readonly ShellTable[] =>
  tables.filter(table => !broken.some(entry => entry.view === table.view));

/** A database with the shell's settings, not locked yet. */
export async function openDatabase({
  threads,
  memoryLimit,
  temporaryDirectory,
}: ShellSettings): Promise<Pick<OpenedTables, 'database' | 'connection'>> {
  const database = await Database.open({
    temp_directory: temporaryDirectory,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_persistent_secrets: 'false',
    ...(threads === null ? {} : { threads: String(threads) }),
    ...(memoryLimit === null ? {} : { memory_limit: memoryLimit }),
  });
  return { database, connection: await database.connect() };
}

/** Creates one view per table in one statement; if that fails, one by one to find the broken tables. */
export async function showTables(
  connection: Connection,
  tables: readonly ShellTable[],
): Promise<readonly BrokenTable[]> {
  try {
    if (tables.length > 0) await connection.run(tables.map(viewsOf).join('; '));
    return [];
  } catch (error) {
    if (error instanceof EngineFailure) throw error;
    const broken: BrokenTable[] = [];
    for (const table of tables) broken.push(...(await showOne(connection, table)));
    return broken;
  }
}

/** Restricts the database to these paths and locks its configuration. */
export async function lock(connection: Connection, paths: readonly string[]): Promise<void> {
  const list = [...new Set(paths)].map(quoteText).join(', ');
  await connection.run(
    `SET allowed_paths = [${list}]; SET enable_external_access = false; SET lock_configuration = true`,
  );
}

/** Tests each table in a separate database, since a fatal error invalidates the database. */
async function tablesThatFail(tables: readonly ShellTable[], settings: ShellSettings): Promise<readonly BrokenTable[]> {
  const broken: BrokenTable[] = [];
  for (const table of tables) {
    const { database, connection } = await openDatabase(settings);
    broken.push(...(await showOne(connection, table)));
    connection.close();
    database.close();
  }
  if (broken.length === 0) throw new Error('DuckDB failed, but for no single table');
  return broken;
}

/** The reason why a table cannot be shown; empty if it can. */
async function showOne(connection: Connection, table: ShellTable): Promise<readonly BrokenTable[]> {
  try {
    await connection.run(viewsOf(table));
    return [];
  } catch (error) {
    return [{ view: table.view, reason: firstLine(error) }];
  }
}

function viewsOf({ view, alias, place }: ShellTable): string {
  const main = `CREATE OR REPLACE VIEW ${quoteName(view)} AS FROM ${scan(place)}`;
  return alias === null ? main : `${main}; CREATE OR REPLACE VIEW ${quoteName(alias)} AS FROM ${quoteName(view)}`;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
