import { existsSync } from 'node:fs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { startFaultyProxy } from '../../../../test/servers/faulty-proxy.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { type BenchOptions, failureOf, postgresNode, SourceBench } from '../source-bench.testing.ts';

describePostgres('reading a PostgreSQL source', () => {
  let postgres: TestPostgres;
  const benches: SourceBench[] = [];
  beforeAll(async () => {
    postgres = await startPostgres({ settings: { log_statement: 'all' } });
    await postgres.rows(`
      CREATE TABLE a AS SELECT 1 AS id;
      CREATE TABLE b AS SELECT 1 AS id;
      CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql AS 'BEGIN INSERT INTO a VALUES (99); RETURN 1; END'`);
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });

  async function open(options: BenchOptions = {}, at: Pick<TestPostgres, 'host' | 'port'> = postgres) {
    const bench = await SourceBench.open({ host: at.host, port: at.port, user: postgres.user }, options);
    benches.push(bench);
    return bench;
  }

  const table = (name: string): SourceNode => postgresNode({ table: name });
  const query = (text: string): SourceNode => postgresNode({ options: { query: text } });

  /** Resolves once the server runs a statement with this text. */
  async function running(text: string): Promise<void> {
    const others = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE 'COPY%' AND strpos(query, '${text}') > 0`;
    while ((await postgres.rows(others)).length === 0) await new Promise(resolve => setTimeout(resolve, 20));
  }

  it('sees one moment for all sources of a connection', async () => {
    const bench = await open();
    const rows = async (source: SourceNode) => (await bench.read(source)).rows;
    expect(await rows(table('a'))).toEqual([['1']]);
    await postgres.rows('INSERT INTO a VALUES (2); INSERT INTO b VALUES (2)');
    expect(await rows(table('b'))).toEqual([['1']]);
    expect(await rows(query('SELECT id FROM a'))).toEqual([['1']]);
    expect(await (await open()).read(table('b'))).toMatchObject({ rows: [['1'], ['2']], staged: { warnings: [] } });
    await postgres.rows('DELETE FROM a WHERE id = 2; DELETE FROM b WHERE id = 2');
  });

  it('warns if the sources have different moments', async () => {
    const bench = await open();
    const refusing = { snapshot: null, warning: 'The server shares no moment.' };
    bench.servers.moment = () => Promise.resolve(refusing);
    expect((await bench.read(table('a'))).staged.warnings).toEqual([refusing.warning]);
  });

  it('fails rather than taking a table for empty that was rewritten after the moment', async () => {
    const bench = await open();
    await postgres.rows('CREATE TABLE later AS SELECT 1 AS id; CREATE VIEW shown AS SELECT * FROM later');
    await bench.read(table('later'));
    await postgres.rows('TRUNCATE later; INSERT INTO later VALUES (2); CREATE INDEX ON later (id)');
    const failure = {
      code: 'source-changed',
      message: 'source.orders was created, truncated or rewritten while it was read (later).',
      hint: 'Run the command again.',
    };
    for (const source of [table('later'), table('shown'), query('SELECT * FROM later')])
      expect(await failureOf(bench.read(source))).toMatchObject(failure);
    const freshness = { timeColumn: 'at', warnAfter: null, errorAfter: 0 };
    const fresh = query('SELECT id, current_date + id AS at FROM later');
    expect(await failureOf(bench.read({ ...fresh, freshness }))).toMatchObject(failure);
    await postgres.rows('DROP VIEW shown; DROP TABLE later; CREATE TABLE later AS SELECT 3 AS id');
    expect(await failureOf(bench.read(table('later')))).toMatchObject(failure);
    expect(bench.staged()).toEqual(['1.parquet']);
    expect((await (await open()).read(table('later'))).rows).toEqual([['3']]);
  });

  it('reads a table whose index was made after the moment', async () => {
    const bench = await open();
    await bench.read(table('a'));
    await postgres.rows('CREATE INDEX made ON a (id)');
    expect((await bench.read(query('SELECT * FROM a WHERE id = 1'))).rows).toEqual([['1']]);
    await postgres.rows('DROP INDEX made');
  });

  it('cannot write', async () => {
    const bench = await open();
    expect(await failureOf(bench.read(query('SELECT writes() AS w')))).toMatchObject({
      code: 'source-unreadable',
      message: 'source.orders cannot be read: cannot execute INSERT in a read-only transaction.',
      hint: 'Remove what writes from the query: sources are read in a read-only transaction.',
    });
    expect(
      await failureOf(bench.connector.look(query('SELECT writes() AS w'), () => Promise.resolve(1))),
    ).toMatchObject({
      code: 'source-unreadable',
    });
    expect(await postgres.rows('SELECT * FROM a')).toEqual([['1']]);
  });

  it('reads texts of any encoding', async () => {
    await postgres.rows(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`);
    await postgres.rows(`CREATE TABLE t (a text); INSERT INTO t VALUES (chr(233))`, 'latin');
    expect((await (await open({ database: 'latin' })).read(table('t'))).rows).toEqual([['é']]);
  });

  it.each([
    ['SELECT 1 / (id - 1) AS x FROM a', 'division by zero', null],
    ['SELECT id::text::date AS x FROM a', 'invalid input syntax for type date: "1"', null],
    [
      "SELECT id, set_config('statement_timeout', '50', true) AS s, pg_sleep(20)::text AS x FROM a, generate_series(1, 2)",
      'canceling statement due to statement timeout',
      'Raise statement_timeout for the user of the connection, or read fewer rows.',
    ],
    [
      'SELECT * FROM pg_authid_copy()',
      'function pg_authid_copy() does not exist',
      'No function matches the given name and argument types. You might need to add explicit type casts.',
    ],
  ])('fails like the server: %s', async (text, said, hint) => {
    const bench = await open(text.includes('timeout') ? { user: await slowUser() } : {});
    expect(await failureOf(bench.read(query(text)))).toMatchObject({
      code: 'source-unreadable',
      message: `source.orders cannot be read: ${said}.`,
      hint,
    });
    expect(bench.staged()).toEqual([]);
    expect((await bench.read(table('a'))).rows).toEqual([['1']]);
  });

  async function slowUser(): Promise<string> {
    const user = await postgres.createUser('slow');
    await postgres.rows(`GRANT SELECT ON a TO slow; ALTER ROLE slow SET statement_timeout = '300ms'`);
    return user;
  }

  it('says that a view reads what its owner may not', async () => {
    const owner = await postgres.createUser('owner');
    await postgres.rows(`CREATE VIEW owned AS SELECT * FROM b; ALTER VIEW owned OWNER TO ${owner}`);
    expect(await failureOf((await open()).read(table('owned')))).toMatchObject({
      code: 'permission-denied',
      message: 'source.orders cannot be read: permission denied for table b.',
      hint: 'Grant the user of the connection SELECT on what the source reads.',
    });
  });

  const large = (label: string): SourceNode =>
    query(`SELECT g AS ${label}, repeat('x', 500) AS text FROM generate_series(1, 3000000) AS g`);

  it('stops when the command is interrupted, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const bench = await open({ signal: stop.signal });
    const reading = failureOf(bench.read(query('SELECT pg_sleep(60)::text AS slept')));
    await running('AS slept');
    stop.abort();
    expect(await reading).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(bench.staged()).toEqual([]);
  });

  it('says that the connection was lost, leaves nothing behind, and reads again', async () => {
    const proxy = await startFaultyProxy(postgres);
    const bench = await open({}, proxy);
    const reading = failureOf(bench.read(large('cut')));
    await running('AS cut,');
    proxy.cut();
    expect(await reading).toMatchObject({
      code: 'connection-lost',
      message: expect.stringContaining('source.orders cannot be read: the connection to the server was lost') as string,
    });
    expect(bench.staged()).toEqual([]);
    expect((await (await open({}, proxy)).read(table('a'))).rows).toEqual([['1']]);
  });

  it('says that the server was killed, and reads again once it runs', async () => {
    const bench = await open({ ownMoments: true });
    const reading = failureOf(bench.read(large('killed')));
    await running('AS killed,');
    await postgres.kill();
    expect(await reading).toMatchObject({ code: 'connection-lost' });
    expect(bench.staged()).toEqual([]);
    expect(await failureOf(bench.read(table('a')))).toMatchObject({ hint: expect.any(String) as string });
    await postgres.restart();
    expect((await bench.read(table('a'))).rows).toEqual([['1']]);
  });

  it('notices columns that change while they are read', async () => {
    const bench = await open({ ownMoments: true });
    await postgres.rows(`CREATE TABLE slow AS SELECT g AS id FROM generate_series(1, 3) AS g;
      CREATE VIEW slow_view AS SELECT id, pg_sleep(0.5)::text AS slept FROM slow`);
    const source = table('slow_view');
    const inspection = await bench.inspect(source);
    const into = bench.target();
    const reading = bench.connector.read({ source, inspection, into, full: false });
    await running('slow_view');
    // The reading holds a lock on the view: the change is committed right after it.
    await postgres.rows(
      'CREATE OR REPLACE VIEW slow_view AS SELECT id, pg_sleep(0)::text AS slept, 1 AS more FROM slow',
    );
    expect(await reading).toMatchObject({
      kind: 'changed',
      failure: {
        code: 'source-changed',
        message: 'The columns of public.slow_view changed while source.orders was read.',
      },
    });
    expect(existsSync(into)).toBe(false);
  });

  it('fails if its table is dropped, and leaves nothing behind', async () => {
    const bench = await open({ ownMoments: true });
    await postgres.rows('CREATE TABLE brief AS SELECT 1 AS id');
    const source = table('brief');
    const inspection = await bench.inspect(source);
    await postgres.rows('DROP TABLE brief');
    const into = bench.target();
    expect(await failureOf(bench.connector.read({ source, inspection, into, full: false }))).toMatchObject({
      code: 'source-missing',
      message: 'source.orders cannot be read: table public.brief does not exist.',
    });
    expect(bench.staged()).toEqual([]);
  });

  it('shows some rows only, through a file that is removed', async () => {
    const bench = await open();
    const source = query(`SELECT g AS id, 'n' || g AS name FROM generate_series(1, 5000) AS g`);
    const shown = await bench.connector.look(source, async text => {
      expect(bench.spilled()).toHaveLength(1);
      return bench.session.rows(`SELECT count(*)::INTEGER, min(id), any_value(typeof(name)) FROM (${text})`);
    });
    expect(shown).toEqual([[1000, 1, 'VARCHAR']]);
    expect(bench.spilled()).toEqual([]);
    const thrown = await failureOf(bench.connector.look(source, () => Promise.reject(new Error('of the caller'))));
    expect(thrown).toMatchObject({ message: 'source.orders cannot be read: of the caller.' });
    expect(bench.spilled()).toEqual([]);
  });

  it('does not load the catalogue', async () => {
    const bench = await open();
    const source = table('a');
    const loads = (): boolean => postgres.log().includes('pg_constraint');
    await bench.read(source);
    expect(loads()).toBe(false);
    // A scan of the attached table shows that the log would tell.
    const database = await bench.servers.reader(await bench.servers.ofSource(source));
    await database.connected(connection => connection.rows('FROM server.public.a'));
    expect(loads()).toBe(true);
  });
});
