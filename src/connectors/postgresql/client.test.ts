import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FaultyProxy, startFaultyProxy } from '../../../test/servers/faulty-proxy.ts';
import { describePgbouncer, startPgbouncer } from '../../../test/servers/pgbouncer.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { connect, type PostgresClient, PostgresError } from './client.ts';
import { settingsOf, toolErrorOf } from './connection-case.testing.ts';
import type { PostgresSettings } from './settings.ts';

const clients: PostgresClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close()));
});

async function open(settings: PostgresSettings, signal = new AbortController().signal): Promise<PostgresClient> {
  const client = await connect(settings, signal);
  clients.push(client);
  return client;
}

const stateOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => null,
    (error: unknown) => (error instanceof PostgresError ? error.state : error),
  );

/** Waits until another connection runs a statement that contains this text. */
async function running(postgres: TestPostgres, text: string): Promise<void> {
  const question = `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%${text}%'`;
  while ((await postgres.rows(question))[0]?.[0] !== '1');
}

describePostgres('a PostgreSQL client', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.rows('CREATE TABLE numbers (n int, label varchar(7))');
  });

  it('returns values as text, and NULL as null', async () => {
    const client = await open(settingsOf(postgres));
    const sql = `SELECT 1, 1.50::numeric(5,2), true, NULL, '', '\\x00ff'::bytea, '2026-01-02 03:04:05+00'::timestamptz,
      ARRAY[1,NULL], '{"a": 1}'::json`;
    expect(await client.rows(sql)).toEqual([
      ['1', '1.50', 't', null, '', '\\x00ff', '2026-01-02 03:04:05+00', '{1,NULL}', '{"a": 1}'],
    ]);
  });

  it('takes parameters', async () => {
    const client = await open(settingsOf(postgres));
    expect(await client.rows(`SELECT $1::text, $2::int + 1, $3::text IS NULL`, [`it's`, 41, null])).toEqual([
      [`it's`, '42', 't'],
    ]);
  });

  it('runs several statements, and counts the rows of the last one', async () => {
    const client = await open(settingsOf(postgres));
    expect(await client.run('CREATE TEMP TABLE t (n int); INSERT INTO t VALUES (1), (2)')).toBe(2);
    expect(await client.run('SET application_name = default')).toBe(0);
    expect(await client.rows('SELECT 1; SELECT n FROM t ORDER BY n')).toEqual([['1'], ['2']]);
  });

  it('runs one statement at a time', async () => {
    const client = await open(settingsOf(postgres));
    await client.run('CREATE TEMP TABLE t (n int)');
    const results = await Promise.all([
      client.run('SELECT pg_sleep(0.05); INSERT INTO t VALUES (1)'),
      stateOf(client.rows('SELECT 1/0')),
      client.describe('SELECT n FROM t'),
      client.rows('SELECT n FROM t'),
    ]);
    expect([results[1], results[3]]).toEqual(['22012', [['1']]]);
  });

  it('describes the columns of a query without running it', async () => {
    const client = await open(settingsOf(postgres));
    const [[table = null] = []] = await client.rows(`SELECT 'numbers'::regclass::oid`);
    expect(await client.describe('SELECT n + 1/0 AS x, label, n FROM numbers')).toEqual([
      { name: 'x', type: 23, modifier: -1, table: 0, column: 0 },
      { name: 'label', type: 1043, modifier: 11, table: Number(table), column: 2 },
      { name: 'n', type: 23, modifier: -1, table: Number(table), column: 1 },
    ]);
    expect(await client.describe(`INSERT INTO numbers VALUES (1, 'a')`)).toEqual([]);
    expect(await stateOf(client.describe('SELECT nope'))).toBe('42703');
    expect(await client.rows('SELECT count(*) FROM numbers')).toEqual([['0']]);
  });

  it('throws the errors of the server, with detail and hint', async () => {
    const client = await open(settingsOf(postgres));
    await client.run('CREATE TEMP TABLE keyed (n int PRIMARY KEY); INSERT INTO keyed VALUES (1)');
    const failures = ['INSERT INTO keyed VALUES (1)', 'SELECT to_nothing(1)', 'SELECT 1'].map(sql =>
      client.rows(sql).catch((error: unknown) => error),
    );
    const [duplicate, unknown, fine] = await Promise.all(failures);
    expect(duplicate).toMatchObject({
      name: 'PostgresError',
      state: '23505',
      detail: 'Key (n)=(1) already exists.',
      hint: null,
    });
    expect(unknown).toMatchObject({
      state: '42883',
      detail: null,
      hint: expect.stringContaining('No function matches'),
    });
    expect(fine).toEqual([['1']]);
  });

  it('commits a transaction, or rolls it back with the error', async () => {
    const client = await open(settingsOf(postgres));
    const properties = 'ISOLATION LEVEL REPEATABLE READ, READ ONLY';
    const seen = await client.transaction(properties, () =>
      client.rows(`SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')`),
    );
    expect(seen).toEqual([['repeatable read', 'on']]);
    await client.run('CREATE TEMP TABLE t (n int)');
    await client.transaction('', () => client.run('INSERT INTO t VALUES (1)'));
    const error = new Error('mine');
    const failing = client.transaction('', async () => {
      await client.run('INSERT INTO t VALUES (2)');
      throw error;
    });
    expect(await stateOf(failing)).toBe(error);
    expect(await client.rows('SELECT n FROM t')).toEqual([['1']]);
  });

  it('fails a transaction that the server rolled back though its work hid the error', async () => {
    const client = await open(settingsOf(postgres));
    expect(await stateOf(client.transaction('', () => stateOf(client.rows('SELECT 1/0'))))).toBe('25P02');
    expect(await client.rows('SELECT 1')).toEqual([['1']]);
  });

  it('is known to the server as seeknal', async () => {
    const client = await open(settingsOf(postgres));
    expect(await client.rows(`SELECT current_setting('application_name')`)).toEqual([['seeknal']]);
  });
});

describePostgres('an interrupted PostgreSQL client', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres({ tls: true });
  });

  it('cancels the statement on the server, and those that wait', async () => {
    const controller = new AbortController();
    const client = await open(settingsOf(postgres), controller.signal);
    const failures = [client.rows('SELECT pg_sleep(600)'), client.rows('SELECT 2')].map(run => toolErrorOf(run));
    await running(postgres, 'pg_sleep');
    controller.abort();
    const interruption = { code: 'interrupted', message: 'Interrupted.', exitCode: 130 };
    expect(await Promise.all(failures)).toMatchObject([interruption, interruption]);
    expect(await toolErrorOf(client.rows('SELECT 3'))).toMatchObject(interruption);
    expect(client.isLost).toBe(false);
    expect(postgres.log()).toContain('canceling statement due to user request');
  });

  it('rolls its transaction back', async () => {
    const controller = new AbortController();
    const client = await open(settingsOf(postgres), controller.signal);
    await postgres.rows('CREATE TABLE kept (n int)');
    const work = client.transaction('', async () => {
      await client.run('INSERT INTO kept VALUES (1)');
      await client.rows('SELECT pg_sleep(601)');
    });
    const failure = toolErrorOf(work);
    await running(postgres, 'pg_sleep(601)');
    controller.abort();
    expect((await failure).code).toBe('interrupted');
    // The lock of the INSERT is free again.
    expect(await postgres.rows('BEGIN; LOCK TABLE kept NOWAIT; COMMIT; SELECT count(*) FROM kept')).toEqual([['0']]);
  });
});

describePostgres('a PostgreSQL client whose connection breaks', () => {
  let postgres: TestPostgres;
  let proxy: FaultyProxy;
  beforeAll(async () => {
    postgres = await startPostgres();
    proxy = await startFaultyProxy(postgres);
  });

  const lost = (reason: string, port = postgres.port) => ({
    code: 'connection-lost',
    message: `Connection 'pg' to postgresql://127.0.0.1:${port}/postgres: the connection was lost (${reason}).`,
    hint: 'Check the server and its log, then run the command again.',
  });

  it('says so when the server ends it', async () => {
    const client = await open(settingsOf(postgres));
    const failure = toolErrorOf(client.rows('SELECT pg_terminate_backend(pg_backend_pid())'));
    const expected = lost('terminating connection due to administrator command');
    expect(await failure).toMatchObject(expected);
    expect(await toolErrorOf(client.rows('SELECT 1'))).toMatchObject(expected);
    expect(client.isLost).toBe(true);
  });

  it('says so when it ends between two statements', async () => {
    const client = await open(settingsOf(postgres));
    const [[pid = ''] = []] = await client.rows('SELECT pg_backend_pid()');
    await postgres.rows(`SELECT pg_terminate_backend(${pid}, 60000)`);
    expect(await toolErrorOf(client.rows('SELECT 1'))).toMatchObject(
      lost('terminating connection due to administrator command'),
    );
  });

  it('says so when the network fails, also in a transaction', async () => {
    const client = await open(settingsOf(postgres, { port: proxy.port }));
    const failure = toolErrorOf(client.transaction('', () => client.rows('SELECT pg_sleep(600)')));
    await running(postgres, 'pg_sleep');
    proxy.cut();
    expect(await failure).toMatchObject(lost('read ECONNRESET', proxy.port));
  });

  it('says so when the server is killed', async () => {
    const client = await open(settingsOf(postgres));
    const failure = toolErrorOf(client.rows('SELECT pg_sleep(602)'));
    await running(postgres, 'pg_sleep(602)');
    await postgres.kill();
    expect((await failure).code).toBe('connection-lost');
  });
});

describePgbouncer('a PostgreSQL client of a pooler in transaction mode', () => {
  it('needs no start-up parameter that the pooler refuses', async () => {
    const postgres = await startPostgres();
    const { host, port } = await startPgbouncer(postgres);
    const controller = new AbortController();
    const client = await open(settingsOf({ ...postgres, host, port }), controller.signal);
    expect(await client.rows('SELECT $1::int', [1])).toEqual([['1']]);
    expect(await client.describe('SELECT 1 AS n')).toMatchObject([{ name: 'n', type: 23 }]);
    expect(await client.transaction('READ ONLY', () => client.rows('SELECT 2'))).toEqual([['2']]);
    const failure = toolErrorOf(client.rows('SELECT pg_sleep(600)'));
    await running(postgres, 'pg_sleep');
    controller.abort();
    expect((await failure).code).toBe('interrupted');
  });
});

describe('a PostgresError', () => {
  it('has no detail and no hint unless the server sent them', () => {
    expect(new PostgresError('42P01', 'missing')).toMatchObject({ state: '42P01', detail: null, hint: null });
  });
});
