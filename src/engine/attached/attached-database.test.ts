import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duckdbVersion, extensionFolder, extensionPath } from '../../../test/servers/extensions.ts';
import { startFaultyProxy } from '../../../test/servers/faulty-proxy.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { EngineFailure } from '../engine-failure.ts';
import type { PostgresServer } from './attach-postgres.ts';
import { AttachedDatabase, type Attachment } from './attached-database.ts';

const SECRET = `s3cret's "pass" \\ word`;

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'seeknal-attached-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = (extensionFolders: readonly string[] = ['/nowhere', extensionFolder()]) => ({
  threads: 2,
  memoryLimit: '200MB',
  temporaryDirectory: join(folder, 'spill'),
  extensionFolders,
});

const OPEN: PostgresServer = {
  host: '127.0.0.1',
  port: 1,
  database: 'postgres',
  user: 'app',
  password: SECRET,
  sslMode: 'prefer',
  sslRootCert: null,
  sslCert: null,
  sslKey: null,
  connectTimeout: 20,
};

async function attached<T>(attachment: Attachment, work: (database: AttachedDatabase) => Promise<T>): Promise<T> {
  const database = await AttachedDatabase.open(settings(), attachment);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** What a promise rejects with; it contains no secret in any part. */
async function failureOf(run: Promise<unknown>): Promise<unknown> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  // Only a part that looks the same in quotes.
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cret');
  return error;
}

const query = (database: AttachedDatabase, sql: string): Promise<readonly (readonly unknown[])[]> =>
  database.connected(connection => connection.rows(`FROM postgres_query('server', '${sql.replaceAll("'", "''")}')`));

describePostgres('an attached PostgreSQL server', () => {
  let postgres: TestPostgres;
  const server = (more: Partial<PostgresServer> = {}): PostgresServer => ({ ...OPEN, port: postgres.port, ...more });

  beforeAll(async () => {
    postgres = await startPostgres({ tls: true, hba: ['host all app 127.0.0.1/32 scram-sha-256'] });
    await postgres.createUser('app', SECRET);
    await postgres.rows('CREATE TABLE t (n bigint); GRANT ALL ON t TO app');
  });

  it('is read and written, with UTC and its own name', async () => {
    await attached({ server: server({ applicationName: 'seeknal 1' }), readOnly: false }, async database => {
      await database.connected(connection => connection.run('INSERT INTO server.public.t FROM range(3)'));
      expect(await query(database, `SELECT sum(n)::text AS n FROM t`)).toEqual([['3']]);
      expect(await query(database, `SELECT current_setting('application_name') AS n`)).toEqual([['seeknal 1']]);
      const zone = await database.connected(connection => connection.rows(`SELECT current_setting('TimeZone')`));
      expect(zone).toEqual([['UTC']]);
    });
    await postgres.rows('TRUNCATE t');
  });

  it('refuses every write if it is read-only, also in functions', async () => {
    await postgres.rows(`CREATE FUNCTION add_row() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING 1'`);
    await attached({ server: server(), readOnly: true }, async database => {
      expect(String(await failureOf(query(database, 'SELECT add_row() AS n')))).toContain('read-only transaction');
      const run = (sql: string): Promise<void> => database.connected(connection => connection.run(sql));
      const execute = `CALL postgres_execute('server', 'INSERT INTO t VALUES (1)')`;
      expect(String(await failureOf(run(execute)))).toContain('read-only transaction');
      expect(String(await failureOf(run('INSERT INTO server.public.t VALUES (1)')))).toContain('read-only mode');
    });
    expect(await postgres.rows('SELECT count(*) FROM t')).toEqual([['0']]);
  });

  it('shows its password nowhere', async () => {
    await attached({ server: server(), readOnly: true }, async database => {
      const seen = await database.connected(async connection => [
        await connection.rows('FROM duckdb_databases()'),
        await connection.rows('FROM duckdb_secrets()'),
        await connection.rows('FROM duckdb_settings()'),
      ]);
      expect(JSON.stringify(seen)).not.toContain('s3cret');
      expect(JSON.stringify(seen)).toContain('password=redacted');
      const error = await failureOf(database.connected(() => Promise.reject(new Error(`not ${SECRET}`))));
      expect(error).toEqual(new Error('not ***'));
      const own = new Error('something else');
      expect(await failureOf(database.connected(() => Promise.reject(own)))).toBe(own);
    });
  });

  it.each([
    ['verify-full', 'localhost', null],
    ['verify-ca', '127.0.0.1', null],
    ['verify-full', '127.0.0.1', 'does not match host name "127.0.0.1"'],
  ])('checks the certificate with sslmode %s of %s', async (sslMode, host, problem) => {
    const sslRootCert = postgres.certificates?.ca ?? '';
    const opening = attached({ server: server({ sslMode, host, sslRootCert }), readOnly: true }, database =>
      query(database, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    );
    if (problem === null) expect(await opening).toEqual([[true]]);
    else expect(String(await failureOf(opening))).toContain(problem);
  });

  it('takes no settings from the variables of libpq', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      PGHOSTADDR: '127.0.0.9',
      PGPASSWORD: 'x',
      PGOPTIONS: '-c search_path=x',
      PGSSLMODE: 'disable',
    });
    try {
      const seen = await attached({ server: server(), readOnly: true }, database =>
        query(database, `SELECT host(inet_server_addr()) AS a, current_setting('search_path') AS b`),
      );
      expect(seen).toEqual([['127.0.0.1', '"$user", public']]);
    } finally {
      for (const name of ['PGHOSTADDR', 'PGPASSWORD', 'PGOPTIONS', 'PGSSLMODE']) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });

  it('opens a new instance after a load whose connection broke', async () => {
    const proxy = await startFaultyProxy(postgres);
    await attached({ server: server({ port: proxy.port, sslMode: 'disable' }), readOnly: false }, async database => {
      const load = database.connected(connection => connection.run('INSERT INTO server.public.t FROM range(3000000)'));
      const failure = failureOf(load);
      await proxy.cutAfter(1_000_000);
      expect(await failure).toBeInstanceOf(EngineFailure);
      expect(await query(database, 'SELECT count(*) AS n FROM t')).toEqual([['0']]);
      await database.connected(connection => connection.run('INSERT INTO server.public.t VALUES (7)'));
    });
    expect(await postgres.rows('SELECT n FROM t')).toEqual([['7']]);
  });

  it('tries again when the server is back', async () => {
    const restarted = await startPostgres();
    const { port, user } = restarted;
    await restarted.rows('CREATE TABLE t (n bigint)');
    await attached({ server: { ...OPEN, port, user, password: null }, readOnly: false }, async database => {
      const load = failureOf(
        database.connected(connection => connection.run('INSERT INTO server.public.t FROM range(100000000)')),
      );
      while ((await restarted.rows(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%'`))[0]?.[0] === '0');
      await restarted.kill();
      expect(await load).toBeInstanceOf(EngineFailure);
      expect(await failureOf(query(database, 'SELECT 1 AS n'))).toMatchObject({ code: 'connection-failed' });
      await restarted.restart();
      expect(await query(database, 'SELECT 1 AS n')).toEqual([[1]]);
    });
  });

  it('says why it cannot connect', async () => {
    const port = postgres.port;
    const error = await failureOf(
      attached({ server: server({ password: `${SECRET}!` }), readOnly: true }, () => expect.unreachable()),
    );
    if (!(error instanceof ToolError)) throw error;
    expect([error.code, error.message, error.hint, error.cause]).toEqual([
      'connection-failed',
      expect.stringMatching(
        new RegExp(
          `^DuckDB cannot connect to postgresql://127\\.0\\.0\\.1:${port}/postgres: connection to server at "127\\.0\\.0\\.1", port ${port} failed: FATAL: password authentication failed for user "app"`,
        ),
      ),
      'Run seeknal connection-test to check the connection.',
      undefined,
    ]);
  });
});

describe('the extension of an attached server', () => {
  const missing = (folders: readonly string[]) =>
    failureOf(AttachedDatabase.open(settings(folders), { server: OPEN, readOnly: true }));
  const file = extensionPath('', 'postgres_scanner').replace(/^\//, '');

  it.each([
    [['/nowhere', '/elsewhere'], 'searched /nowhere, /elsewhere'],
    [[], 'no folder is given'],
  ])('is missed in %j, without asking the network', async (folders, searched) => {
    const error = await missing(folders);
    if (!(error instanceof ToolError)) throw error;
    expect([error.code, error.message, error.hint]).toEqual([
      'extension-missing',
      `DuckDB's extension ${file} was not found: ${searched}.`,
      `Run INSTALL postgres_scanner in DuckDB ${duckdbVersion()}, or set SEEKNAL_EXTENSIONS to a folder that contains this file.`,
    ]);
  });

  it('is refused if it is damaged', async () => {
    const path = extensionPath(folder, 'postgres_scanner');
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'damaged');
    expect(await missing([folder])).toMatchObject({
      code: 'extension-unusable',
      message: `DuckDB extension postgres_scanner in ${folder} cannot be loaded.`,
      hint: 'Install it again for this version of DuckDB.',
    });
  });
});
