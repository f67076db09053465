import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { extensionFolder } from '../../../test/servers/extensions.ts';
import { describePgbouncer, startPgbouncer } from '../../../test/servers/pgbouncer.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import type { Connection } from '../../core/connection.ts';
import type { SourceNode } from '../../core/definition/nodes/node.ts';
import type { AttachedDatabase } from '../../engine/attached/attached-database.ts';
import { toolErrorOf } from './connection-case.testing.ts';
import { openServers, type PostgresServers } from './servers.ts';

const SECRET = 's3cret-Wörd';
let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'seeknal-servers-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Servers = ReturnType<typeof openServers>;
const opened: Servers[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(servers => servers.close()));
});

interface Command {
  readonly servers: Servers;
  /** Names of the connections that were asked for. */
  readonly asked: readonly string[];
  readonly abort: () => void;
}

/** The servers of a command, all connections of which are the same but for `schema`. */
function command({ host, port }: Pick<TestPostgres, 'host' | 'port'>, user = 'app'): Command {
  const controller = new AbortController();
  const asked: string[] = [];
  const connection = (name: string): Promise<Connection> => {
    asked.push(name);
    const settings = { host, port, database: 'postgres', user, password: SECRET, schema: name };
    return Promise.resolve({ name, type: 'postgresql', settings });
  };
  const servers = openServers({
    signal: controller.signal,
    places: { root: folder, home: folder },
    execution: { threads: 1, memoryLimit: '200MB', temporaryDirectory: join(folder, 'spill') },
    extensionFolders: [extensionFolder()],
    connection,
    connectionOf: source => connection(source.name),
  });
  opened.push(servers);
  return { servers, asked, abort: () => controller.abort() };
}

const read = (reader: AttachedDatabase, sql: string): Promise<readonly (readonly unknown[])[]> =>
  reader.connected(connection => connection.rows(`FROM postgres_query('server', '${sql.replaceAll("'", "''")}')`));

/** Reads a query at the shared moment of a connection. */
async function readAtMoment(servers: PostgresServers, name: string, sql: string): Promise<readonly unknown[]> {
  const settings = await servers.named(name);
  const [{ snapshot }, reader] = [await servers.moment(settings), await servers.reader(settings)];
  return reader.connected(async connection => {
    await connection.run('BEGIN');
    await connection.run(`CALL postgres_execute('server', 'SET TRANSACTION SNAPSHOT ''${snapshot}''')`);
    const rows = await connection.rows(`FROM postgres_query('server', '${sql}')`);
    await connection.run('COMMIT');
    return rows;
  });
}

async function until(postgres: TestPostgres, condition: string): Promise<void> {
  while ((await postgres.rows(`SELECT ${condition}`))[0]?.[0] !== 't');
}

const CONNECTIONS = `(SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'seeknal%')`;

describePostgres('the PostgreSQL servers of a command', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres({ hba: ['host all app 127.0.0.1/32 scram-sha-256'] });
    await postgres.createUser('app', SECRET);
    await postgres.rows('CREATE TABLE t (n int); INSERT INTO t VALUES (1); GRANT ALL ON t TO app');
  });

  it('are asked for nothing before they are used', async () => {
    const { servers, asked } = command(postgres);
    expect(asked).toEqual([]);
    await servers.named('a');
    expect(await postgres.rows(`SELECT ${CONNECTIONS}`)).toEqual([['0']]);
  });

  it('fill in a connection once, and know that of a source', async () => {
    const { servers, asked } = command(postgres);
    const [first, second] = await Promise.all([servers.named('a'), servers.named('a')]);
    expect(first).toBe(second);
    expect(asked).toEqual(['a']);
    // A test needs no more of a source than its name.
    expect((await servers.ofSource({ name: 'b' } as SourceNode)).schema).toBe('b');
  });

  it('share a client per connection, and a reader per server', async () => {
    const { servers } = command(postgres);
    const [a, b] = [await servers.named('a'), await servers.named('b')];
    expect(await servers.shared(a)).toBe(await servers.shared(a));
    expect(await servers.shared(a)).not.toBe(await servers.shared(b));
    expect(await servers.own(a)).not.toBe(await servers.own(a));
    expect(await servers.reader(a)).toBe(await servers.reader(b));
    expect(await servers.loader(a)).not.toBe(await servers.loader(a));
    expect(await servers.moment(a)).toBe(await servers.moment(b));
    const other = { ...a, user: 'postgres', password: null };
    expect(await servers.reader(a)).not.toBe(await servers.reader(other));
    expect((await servers.moment(a)).snapshot).not.toBe((await servers.moment(other)).snapshot);
    expect(await servers.moment(a)).toMatchObject({ snapshot: expect.any(String), warning: null });
  });

  it('close every connection, also if closed twice', async () => {
    const { servers } = command(postgres);
    const settings = await servers.named('a');
    await read(await servers.reader(settings), 'SELECT 1 AS n');
    await Promise.all([
      servers.shared(settings),
      servers.own(settings),
      servers.loader(settings),
      servers.moment(settings),
    ]);
    await (await servers.own(settings)).close();
    await servers.close();
    await servers.close();
    await until(postgres, `${CONNECTIONS} = 0`);
  });

  it('let a reader read only, and a loader write', async () => {
    const { servers } = command(postgres);
    const settings = await servers.named('a');
    const write = (database: AttachedDatabase): Promise<void> =>
      database.connected(connection => connection.run('INSERT INTO server.public.t VALUES (1)'));
    await expect(servers.reader(settings).then(write)).rejects.toThrow('read-only mode');
    await servers.loader(settings).then(write);
    await postgres.rows('DELETE FROM t; INSERT INTO t VALUES (1)');
  });

  it('show all sources of a connection one moment', async () => {
    const { servers } = command(postgres);
    const sql = 'SELECT sum(n)::int AS n FROM t';
    expect(await readAtMoment(servers, 'a', sql)).toEqual([[1]]);
    await postgres.rows('INSERT INTO t VALUES (10)');
    expect(await readAtMoment(servers, 'b', sql)).toEqual([[1]]);
    expect(await readAtMoment(command(postgres).servers, 'a', sql)).toEqual([[11]]);
    await postgres.rows('DELETE FROM t WHERE n = 10');
  });

  it('keep a moment though the server ends idle transactions', async () => {
    await postgres.rows(`ALTER ROLE app SET idle_in_transaction_session_timeout = '3s'`);
    const { servers } = command(postgres);
    await servers.moment(await servers.named('a'));
    const holder = `pg_stat_activity WHERE application_name = 'seeknal' AND state = 'idle in transaction'`;
    const [[pid = ''] = []] = await postgres.rows(`SELECT pid FROM ${holder}`);
    // Held longer than a transaction may be idle, or ended.
    const held = `SELECT 1 FROM pg_stat_activity WHERE pid = ${pid} AND clock_timestamp() - xact_start < interval '4 s'`;
    await until(postgres, `NOT EXISTS (${held})`);
    expect(await readAtMoment(servers, 'a', 'SELECT 1 AS n')).toEqual([[1]]);
    await postgres.rows('ALTER ROLE app RESET ALL');
  });

  it('say why sources see different moments', async () => {
    await postgres.rows('REVOKE EXECUTE ON FUNCTION pg_export_snapshot() FROM PUBLIC');
    const { servers } = command(postgres);
    expect(await servers.moment(await servers.named('a'))).toMatchObject({
      snapshot: null,
      warning:
        "Connection 'a': its sources are read at different moments, because the server shares no snapshot (permission denied for function pg_export_snapshot).",
    });
    await postgres.rows('GRANT EXECUTE ON FUNCTION pg_export_snapshot() TO PUBLIC');
  });

  it('make a new shared client after the old one was lost', async () => {
    const { servers } = command(postgres);
    const settings = await servers.named('a');
    const client = await servers.shared(settings);
    expect((await toolErrorOf(client.rows('SELECT pg_terminate_backend(pg_backend_pid())'))).code).toBe(
      'connection-lost',
    );
    const again = await Promise.all([servers.shared(settings), servers.shared(settings)]);
    expect(again[0]).toBe(again[1]);
    expect(await again[0].rows('SELECT 1')).toEqual([['1']]);
  });

  it('tell apart why a reader cannot connect, and try again', async () => {
    const { servers } = command(postgres);
    const settings = { ...(await servers.named('a')), database: 'later' };
    expect((await toolErrorOf(servers.reader(settings))).code).toBe('connection-database');
    await postgres.rows('CREATE DATABASE later');
    expect(await read(await servers.reader(settings), 'SELECT 1 AS n')).toEqual([[1]]);
  });

  it('cancel what DuckDB waits for on the server', async () => {
    const { servers, abort } = command(postgres);
    const settings = await servers.named('a');
    const reader = await servers.reader(settings);
    const bystander = await command(postgres).servers.reader(settings);
    const reading = reader
      .connected(connection =>
        connection.rows(`FROM postgres_query('server', 'SELECT pg_sleep(600)::text AS s')`, servers.signal),
      )
      .catch((error: unknown) => error);
    const other = read(bystander, 'SELECT pg_sleep(2)::text AS s');
    await until(
      postgres,
      `count(*) = 2 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()`,
    );
    abort();
    expect(await reading).toBeInstanceOf(Error);
    expect(await other).toEqual([['']]);
    expect(await toolErrorOf(servers.loader(settings))).toMatchObject({ code: 'interrupted', exitCode: 130 });
  });

  it('put no password into the titles of processes', async () => {
    const { servers } = command(postgres);
    const settings = await servers.named('a');
    await read(await servers.reader(settings), 'SELECT 1 AS n');
    const titles = execFileSync('ps', ['axww', '-o', 'args'], { encoding: 'utf8' });
    expect(titles).toContain('postgres: app postgres');
    expect(titles).not.toContain('s3cret');
  });
});

describePgbouncer('the servers of a command behind a pooler in transaction mode', () => {
  it('share a moment, load, and are cancelled', async () => {
    const postgres = await startPostgres();
    await postgres.rows('CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
    const { servers, abort } = command(await startPgbouncer(postgres), 'postgres');
    const settings = await servers.named('a');
    await servers.moment(settings);
    const loader = await servers.loader(settings);
    await loader.connected(connection => connection.run('INSERT INTO server.public.t VALUES (10)'));
    expect(await readAtMoment(servers, 'a', 'SELECT sum(n)::int AS n FROM t')).toEqual([[1]]);
    const reader = await servers.reader(settings);
    const reading = read(reader, 'SELECT pg_sleep(600)::text AS s').catch((error: unknown) => error);
    await until(
      postgres,
      `count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600%' AND pid <> pg_backend_pid()`,
    );
    abort();
    expect(await reading).toBeInstanceOf(Error);
  });
});
