import { afterEach, beforeAll, expect, it } from 'vitest';
import { type FaultyProxy, startFaultyProxy } from '../../../test/servers/faulty-proxy.ts';
import { describePgbouncer, startPgbouncer } from '../../../test/servers/pgbouncer.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { connect, type PostgresClient } from './client.ts';
import { running, settingsOf, toolErrorOf } from './connection-case.testing.ts';
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
