import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { connect, type PostgresClient, PostgresError } from './client.ts';
import { settingsOf } from './connection-case.testing.ts';
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

  it('rolls a transaction back after the statements that still run', async () => {
    const client = await open(settingsOf(postgres));
    const slow: unknown[] = [];
    const work = client.transaction('', async () => {
      void client.rows('SELECT 1/0').then(
        () => slow.push('fine'),
        () => slow.push('failed'),
      );
      await client.rows('SELECT 1');
    });
    expect(await stateOf(work)).toBe('25P02');
    const early = client.transaction('', () => {
      void client.rows('SELECT pg_sleep(0.05)').then(() => slow.push('slept'));
      return Promise.reject(new Error('early'));
    });
    await expect(early).rejects.toThrow('early');
    expect(slow).toEqual(['failed', 'slept']);
    expect(await client.rows('SELECT pg_current_xact_id_if_assigned() IS NULL')).toEqual([['t']]);
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

describe('a PostgresError', () => {
  it('has no detail and no hint unless the server sent them', () => {
    expect(new PostgresError('42P01', 'missing')).toMatchObject({ state: '42P01', detail: null, hint: null });
  });
});
