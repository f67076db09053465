import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { extensionFolder } from '../../../test/servers/extensions.ts';
import { startFaultyProxy } from '../../../test/servers/faulty-proxy.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { brokenParquet } from '../../engine/broken-parquet.testing.ts';
import { placeOfFile } from '../../engine/scan.ts';
import { QueryShell } from '../../engine/shell/query-shell.ts';
import { type ShellServer, ShellServers } from '../../engine/shell/shell-servers.ts';
import type { ShellTable } from '../../engine/shell/shell-tables.ts';
import { settingsOf } from './connection-case.testing.ts';
import type { PostgresSettings } from './settings.ts';
import { shellServer } from './shell-server.ts';

const SECRET = `s3cret's "pass" \\ word`;
const folder = mkdtempSync(join(tmpdir(), 'seeknal-shell-'));
const SETTINGS = { threads: 1, memoryLimit: null, temporaryDirectory: join(folder, 'spill') };
const never = () => new AbortController().signal;
const opened: QueryShell[] = [];
afterEach(() => opened.splice(0).forEach(shell => shell.close()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Opening {
  readonly servers: readonly ShellServer[];
  readonly first?: readonly string[];
  readonly tables?: readonly ShellTable[];
}

/** A shell with these servers; all are attached first unless `first` says otherwise. */
async function open({ servers, first, tables = [] }: Opening) {
  const names = servers.map(({ name }) => name);
  const attaching = new ShellServers({ servers, first: first ?? names, extensionFolders: [extensionFolder()] });
  const { shell } = await QueryShell.open(tables, SETTINGS, { servers: attaching, signal: never() });
  opened.push(shell);
  return { shell, failures: attaching.takeFailures() };
}

/** The rows of a statement as text. */
async function read(
  shell: QueryShell,
  sql: string,
  signal = never(),
): Promise<readonly (readonly (string | null)[])[]> {
  const rows: (string | null)[][] = [];
  for await (const { chunks, toText } of shell.statements(sql, signal))
    for await (const chunk of chunks) rows.push(...chunk.map(row => row.map(toText)));
  return rows;
}

/** The error of a statement; in no part does it contain the password. */
async function failure(run: Promise<unknown>): Promise<Error> {
  const error = await run.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET.slice(0, 6));
  if (error instanceof Error) return error;
  throw error;
}

const codeOf = (error: Error): string => (error instanceof ToolError ? error.code : error.message.split(':')[0]) ?? '';

describePostgres('a server in the shell', () => {
  let postgres: TestPostgres;
  const server = (name: string, more: Partial<PostgresSettings> = {}) =>
    shellServer(name, async () => settingsOf(postgres, { name, user: 'reader', password: SECRET, ...more }));

  beforeAll(async () => {
    postgres = await startPostgres({ hba: ['host all reader 127.0.0.1/32 scram-sha-256'] });
    await postgres.createUser('reader', SECRET);
    await postgres.rows(`
      ALTER ROLE reader SUPERUSER;
      CREATE SCHEMA sales;
      CREATE TABLE sales.orders AS SELECT i AS id, 'o' || i AS name FROM generate_series(1, 3) i;
      CREATE SEQUENCE sales.numbers;
      CREATE FUNCTION sales.add_order() RETURNS int LANGUAGE sql
        AS 'INSERT INTO sales.orders VALUES (99, NULL) RETURNING id'`);
  });

  const stored = async () => (await postgres.rows('SELECT count(*), max(id) FROM sales.orders'))[0];

  it('is read by table, by query, and beside other tables', async () => {
    const path = join(folder, 'mine.parquet');
    const { shell: writer } = await open({ servers: [] });
    await writer.writeParquet('SELECT 2 AS id', path, { limit: null, signal: never() });
    const table = { view: 'transform_mine', alias: 'mine', place: placeOfFile(path) };
    const { shell, failures } = await open({ servers: [server('pg'), server('odd "name"')], tables: [table] });
    expect([failures, shell.attached]).toEqual([[], ['pg', 'odd "name"']]);
    expect(await read(shell, 'SELECT * FROM PG.sales.orders ORDER BY id LIMIT 2')).toEqual([
      ['1', 'o1'],
      ['2', 'o2'],
    ]);
    expect(await read(shell, 'FROM mine JOIN "odd ""name""".sales.orders USING (id)')).toEqual([['2', 'o2']]);
    expect(await read(shell, "FROM postgres_query('pg', 'SELECT max(id) FROM sales.orders')")).toEqual([['3']]);
    expect(await read(shell, 'PIVOT pg.sales.orders ON id USING count(*)')).toHaveLength(3);
    expect(await read(shell, 'SELECT query FROM (SELECT 1 AS query)')).toEqual([['1']]);
  });

  it('is written to a Parquet file', async () => {
    const { shell } = await open({ servers: [server('pg')] });
    const into = (name: string) => join(folder, name);
    const options = { limit: 2, signal: never() };
    expect(await shell.writeParquet('FROM pg.sales.orders', into('rows.parquet'), options)).toBe(2);
    const refused = shell.writeParquet("FROM postgres_execute('pg', 'SELECT 1')", into('no.parquet'), options);
    expect(codeOf(await failure(refused))).toBe('read-only');
  });

  it('shows no password in the catalogue', async () => {
    const { shell } = await open({ servers: [server('pg')] });
    const shown = [
      ...(await read(shell, 'FROM duckdb_databases()')),
      ...(await read(shell, 'FROM duckdb_settings()')),
      ...(await read(shell, 'SHOW DATABASES')),
    ];
    expect(JSON.stringify(shown)).not.toContain(SECRET.slice(0, 6));
    expect(await read(shell, 'FROM duckdb_secrets()')).toEqual([]);
    expect((await failure(read(shell, 'FROM duckdb_secrets(redact => false)'))).message).toContain('unredacted');
  });

  it('refuses every write, and stays as it was', async () => {
    const { shell } = await open({ servers: [server('pg')] });
    const before = await stored();
    const query = (sql: string, more = ''): string =>
      `FROM postgres_query('pg', '${sql.replaceAll("'", "''")}'${more})`;
    const refusals: Readonly<Record<string, readonly string[]>> = {
      'read-only': [
        'INSERT INTO pg.sales.orders VALUES (4, NULL)',
        'UPDATE pg.sales.orders SET id = 0',
        'DELETE FROM pg.sales.orders',
        'TRUNCATE pg.sales.orders',
        'MERGE INTO pg.sales.orders USING (SELECT 1 AS id) s USING (id) WHEN MATCHED THEN DELETE',
        'CREATE TABLE pg.sales.x AS SELECT 1',
        'CREATE SCHEMA pg.x',
        'DROP TABLE pg.sales.orders',
        'ALTER TABLE pg.sales.orders ADD COLUMN x INT',
        'WITH x AS (SELECT 4 AS id) INSERT INTO pg.sales.orders SELECT id, NULL FROM x',
        'COPY FROM DATABASE pg TO memory',
        'DETACH pg',
        'USE pg',
        "ATTACH '' AS other (TYPE postgres)",
        "CREATE SECRET s (TYPE postgres, host '127.0.0.1')",
        'BEGIN',
        "CALL postgres_execute('pg', 'DELETE FROM sales.orders')",
        "FROM postgres_execute('pg', 'DELETE FROM sales.orders')",
        "FROM postgres_execute('pg', 'COMMIT; DELETE FROM sales.orders')",
        "SELECT (SELECT count(*) FROM system.main.Postgres_Execute('pg', 'COMMIT; DELETE FROM sales.orders'))",
        `EXPLAIN ANALYZE FROM "postgres_execute"('pg', 'COMMIT; DELETE FROM sales.orders')`,
        "DESCRIBE FROM postgres_execute('pg', 'COMMIT; DELETE FROM sales.orders')",
        "PIVOT postgres_execute('pg', 'COMMIT; DELETE FROM sales.orders') ON a USING count(*)",
        "FROM query('FROM postgres_' || 'execute(''pg'', ''COMMIT; DELETE FROM sales.orders'')')",
        "FROM json_execute_serialized_sql(json_serialize_sql('FROM postgres_execute(''pg'', ''COMMIT'')'))",
        "SELECT json_serialize_plan('FROM postgres_scan(''host=127.0.0.1'', ''a'', ''b'')')",
        "FROM postgres_scan('host=127.0.0.1', 'sales', 'orders')",
        "FROM postgres_scan_pushdown('host=127.0.0.1', 'sales', 'orders')",
        "FROM postgres_attach('host=127.0.0.1')",
        "FROM postgres_configure_pool(catalog_name := 'pg')",
      ],
      'Permission Error': ["COPY pg.sales.orders TO 'x.csv'", "COPY pg.sales.orders FROM 'x.csv'"],
      'Binder Error': [query('DELETE FROM sales.orders'), query('SELECT 1; COMMIT; DELETE FROM sales.orders')],
      'IO Error': [
        query('SELECT sales.add_order()'),
        query("SELECT nextval('sales.numbers')"),
        query("SELECT set_config('transaction_read_only', 'off', true)"),
      ],
      'Invalid Error': [
        query('DELETE FROM sales.orders RETURNING id'),
        query('WITH gone AS (DELETE FROM sales.orders RETURNING id) SELECT * FROM gone'),
        query('SELECT sales.add_order()', ', use_transaction := false'),
      ],
    };
    for (const [code, statements] of Object.entries(refusals))
      for (const sql of statements) expect([sql, codeOf(await failure(read(shell, sql)))]).toEqual([sql, code]);
    expect(await stored()).toEqual(before);
    expect(await read(shell, 'SELECT count(*) FROM pg.sales.orders')).toEqual([['3']]);
  });

  it('is seen as it is now, also after its tables changed', async () => {
    const { shell } = await open({ servers: [server('pg')] });
    await postgres.rows('CREATE TABLE sales.changing AS SELECT 1 AS a');
    expect(await read(shell, 'FROM pg.sales.changing')).toEqual([['1']]);
    await postgres.rows('ALTER TABLE sales.changing ADD COLUMN b INT DEFAULT 2');
    expect(await read(shell, 'FROM pg.sales.changing')).toEqual([['1', '2']]);
    await postgres.rows('ALTER TABLE sales.changing DROP COLUMN a');
    expect(await read(shell, 'FROM pg.sales.changing')).toEqual([['2']]);
  });

  it('stops a statement that waits for it', async () => {
    const { shell } = await open({ servers: [server('pg')] });
    const stop = new AbortController();
    const reading = failure(read(shell, "FROM postgres_query('pg', 'SELECT pg_sleep(600)')", stop.signal));
    const sleeping = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%'";
    const count = async () => Number((await postgres.rows(`${sleeping} AND pid <> pg_backend_pid()`))[0]?.[0]);
    while ((await count()) === 0) await new Promise(resolve => setTimeout(resolve, 20));
    stop.abort();
    expect((await reading).message).not.toBe('it succeeded');
    expect([await count(), await read(shell, 'SELECT count(*) FROM pg.sales.orders')]).toEqual([0, [['3']]]);
  });

  it('is attached again after a fatal error of DuckDB', async () => {
    const path = join(folder, 'broken.parquet');
    writeFileSync(path, brokenParquet());
    const table = { view: 'broken', alias: null, place: placeOfFile(path) };
    const { shell } = await open({ servers: [server('pg')], tables: [table] });
    expect((await failure(read(shell, 'FROM broken'))).message).toMatch(/^DuckDB failed: /);
    expect(await read(shell, 'SELECT count(*) FROM pg.sales.orders')).toEqual([['3']]);
  });

  it('is attached when a statement needs it, if it was not before', async () => {
    const { shell } = await open({ servers: [server('pg'), server('other')], first: [] });
    expect([await read(shell, "SELECT 'pg'"), shell.attached]).toEqual([[['pg']], []]);
    expect(await read(shell, 'SELECT count(*) FROM pg.sales.orders')).toEqual([['3']]);
    expect(shell.attached).toEqual(['pg']);
    expect(await read(shell, "SELECT count(*) FROM pg.sales.orders, postgres_query('other', 'SELECT 1')")).toEqual([
      ['3'],
    ]);
    expect(shell.attached).toEqual(['pg', 'other']);
  });

  it('says for itself why it is not attached, and spoils no other', async () => {
    const proxy = await startFaultyProxy(postgres);
    proxy.silence();
    const { shell, failures } = await open({
      servers: [
        server('wrong', { password: `${SECRET}!` }),
        server('pg'),
        server('closed', { port: 1 }),
        server('silent', { port: proxy.port, connectTimeout: 1 }),
      ],
    });
    expect(failures.map(({ names, error }) => [names, codeOf(error as Error)])).toEqual([
      [['wrong'], 'connection-password'],
      [['closed'], 'connection-refused'],
      [['silent'], 'connection-timeout'],
    ]);
    for (const { error } of failures) await failure(Promise.reject(error));
    expect(await read(shell, 'SELECT count(*) FROM pg.sales.orders')).toEqual([['3']]);
    expect(codeOf(await failure(read(shell, 'FROM closed.sales.orders')))).toBe('connection-refused');
    expect(await read(shell, "SELECT 'closed'")).toEqual([['closed']]);
  });

  it('waits at most 5 s for a connection', async () => {
    const reached = await server('pg', { connectTimeout: 60 }).reach(never());
    expect(reached.connectTimeout).toBe(5);
    expect((await server('pg', { connectTimeout: 2 }).reach(never())).connectTimeout).toBe(2);
  });

  it('without the extension is not attached, and the rest works', async () => {
    const servers = new ShellServers({
      servers: [server('pg'), server('other')],
      first: ['pg', 'other'],
      extensionFolders: ['/nowhere'],
    });
    const { shell } = await QueryShell.open([], SETTINGS, { servers, signal: never() });
    opened.push(shell);
    expect(servers.takeFailures().map(({ names, error }) => [names, codeOf(error as Error)])).toEqual([
      [['pg', 'other'], 'extension-missing'],
    ]);
    expect(await read(shell, 'SELECT 1')).toEqual([['1']]);
    expect(codeOf(await failure(read(shell, 'FROM pg.sales.orders')))).toBe('extension-missing');
  });
});

describePostgres('a server that goes away', () => {
  let postgres: TestPostgres;
  const server = (name: string) => shellServer(name, async () => settingsOf(postgres, { name, password: SECRET }));

  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.rows('CREATE TABLE many AS SELECT i AS id FROM generate_series(1, 300000) i');
  });

  describe('while the shell is open', () => {
    it('fails only statements that need it, until it is back', async () => {
      const { shell } = await open({ servers: [server('pg')] });
      expect(await read(shell, 'SELECT count(*) FROM pg.public.many')).toEqual([['300000']]);
      await postgres.kill();
      for (const sql of ['SHOW TABLES', "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'many'"])
        expect([sql, (await read(shell, sql)).flat().filter(value => value !== '0')]).toEqual([sql, []]);
      expect((await failure(read(shell, 'FROM nowhere'))).message).toContain('Table with name nowhere does not exist');
      expect(codeOf(await failure(read(shell, 'FROM pg.public.many')))).toBe('connection-refused');
      expect(codeOf(await failure(read(shell, "FROM postgres_query('pg', 'SELECT 1')")))).toBe('connection-refused');
      await postgres.restart();
      expect(await read(shell, 'SELECT count(*) FROM pg.public.many')).toEqual([['300000']]);
      await postgres.restart();
      expect(await read(shell, "FROM postgres_query('pg', 'SELECT 1')")).toEqual([['1']]);
    });

    it('fails the statement that reads it', async () => {
      const { shell } = await open({ servers: [server('pg')] });
      const endless = "FROM postgres_query('pg', 'SELECT generate_series(1, 1000000000) AS i')";
      const reading = async () => {
        let killing: Promise<void> | null = null;
        for await (const { chunks } of shell.statements(endless, never()))
          for await (const chunk of chunks) if (chunk.length > 0) await (killing ??= postgres.kill());
      };
      expect((await failure(reading())).message).toMatch(/Error/);
      expect(await read(shell, 'SELECT 1')).toEqual([['1']]);
      await postgres.restart();
      expect(await read(shell, 'SELECT count(*) FROM pg.public.many')).toEqual([['300000']]);
    });
  });
});
