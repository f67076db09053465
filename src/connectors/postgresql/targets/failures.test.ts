import pg from 'pg';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../../../test/servers/faulty-proxy.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { describeFullDisk, smallTablespace } from '../../../../test/servers/small-tablespace.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { artefactOf, type TestTargetOptions, TestTargets } from './target.fixture.ts';

const MANY = 400_000;
const WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";

describePostgres('a write to PostgreSQL that fails', () => {
  let server: TestPostgres;
  let database: string;
  let store: TestTargets;
  const opened: { close(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    server = await startPostgres();
    await server.createUser('app');
  });
  afterEach(() => Promise.all(opened.splice(0).map(each => each.close())));

  const rows = (sql: string) => server.rows(sql, database);
  function storeAt(at: Pick<TestPostgres, 'host' | 'port'>, options: TestTargetOptions = {}): TestTargets {
    const targets = new TestTargets(at, database, { ...options, settings: { lock_timeout: 1, ...options.settings } });
    opened.push(targets);
    return targets;
  }
  /** A store with an empty database of its own that wrote the row (1, 'a') to `shop.orders`. */
  async function freshStore(options: TestTargetOptions = {}): Promise<void> {
    database = await server.createDatabase();
    if (options.settings?.['user'] === 'app') await rows(`GRANT CREATE ON DATABASE ${database} TO app`);
    store = storeAt(server, options);
    expect(await store.write(await old())).toMatchObject({ kind: 'written', rows: 1 });
  }
  const old = () => artefactOf("SELECT 1::BIGINT AS id, 'a' AS name");
  const many = () => artefactOf(`SELECT range AS id, 'x' || range AS name FROM range(${MANY})`);
  const small = () => artefactOf("SELECT 2::BIGINT AS id, 'b' AS name");
  const unchanged = async (): Promise<void> => {
    expect(await rows('SELECT id, name FROM shop.orders')).toEqual([['1', 'a']]);
  };
  const stagings = () => rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_seeknal\\_%' AND relkind = 'r'");

  /** A session of somebody else, named `other`. */
  async function otherSession(): Promise<{ query(sql: string): Promise<unknown>; readonly process: string }> {
    const client = new pg.Client({ ...server, database, application_name: 'other' });
    client.on('error', () => undefined);
    await client.connect();
    opened.push({ close: () => client.end().catch(() => undefined) });
    const { rows: found } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return { query: sql => client.query(sql), process: String(found[0]?.pid) };
  }

  /** Waits until a query gives another first value than `0`. */
  async function untilRows(sql: string): Promise<void> {
    for (;;) {
      const [[value] = []] = await server.rows(sql, database);
      if (value !== '0' && value !== undefined) return;
    }
  }

  it('for NUL in text, names column and count and loads nothing', async () => {
    await freshStore();
    const artefact = await artefactOf("SELECT range AS id, 'a' || chr((range % 2)::INTEGER) AS name FROM range(6)");
    expect(await store.write(artefact)).toMatchObject({
      kind: 'behind',
      failure: {
        code: 'target-value',
        message: "Column 'name' of transform.orders contains NUL characters in 3 rows.",
        hint: "PostgreSQL cannot store them: remove them with replace(name, chr(0), '').",
      },
    });
    await unchanged();
  });

  it('for NUL within a struct', async () => {
    await freshStore();
    const artefact = await artefactOf("SELECT {'a': ['x' || chr(0)]} AS v");
    expect(await store.write(artefact, { table: 'shop.nested' })).toMatchObject({ failure: { code: 'target-value' } });
    expect(await stagings()).toEqual([]);
  });

  it.each([
    [
      'NOT NULL',
      'ALTER TABLE shop.orders ALTER name SET NOT NULL',
      'null value in column "name" of relation "orders" violates not-null constraint',
    ],
    [
      'CHECK',
      'ALTER TABLE shop.orders ADD CONSTRAINT low CHECK (id < 2)',
      'new row for relation "orders" violates check constraint "low"',
    ],
    [
      'UNIQUE',
      'ALTER TABLE shop.orders ADD CONSTRAINT once UNIQUE (id)',
      'duplicate key value violates unique constraint "once"',
    ],
  ])('for a constraint of kind %s', async (_, sql, message) => {
    await freshStore();
    await rows(sql);
    const artefact = await artefactOf('SELECT 2::BIGINT AS id, NULL::VARCHAR AS name UNION ALL SELECT 2, NULL');
    const outcome = await store.write(artefact);
    expect(outcome).toMatchObject({
      kind: 'behind',
      failure: { code: 'target-constraint', hint: expect.any(String) as string },
    });
    expect(outcome.kind === 'behind' && outcome.failure.message).toContain(message);
    await unchanged();
    expect(await stagings()).toEqual([]);
  });

  it('for a privilege that was revoked since the plan', async () => {
    await freshStore({ settings: { user: 'app' } });
    const planned = await store.planned(await small());
    await rows('REVOKE INSERT, DELETE ON shop.orders FROM app');
    expect(await store.writeAll([planned])).toMatchObject([
      {
        kind: 'behind',
        failure: {
          code: 'permission-denied',
          message: 'permission denied for table shop.orders',
          hint: 'GRANT INSERT, DELETE ON shop.orders TO app',
        },
      },
    ]);
    await unchanged();
  });

  it('for an extension that is missing, before anything is created', async () => {
    await freshStore();
    const folder = temporaryFolder();
    const without = storeAt(server, { extensionFolders: [folder], environment: 'dev' });
    const targets = [{ table: 'shop.a' }, { table: 'shop.b' }];
    const artefact = await small();
    const writes = await Promise.all(targets.map(target => without.planned(artefact, target)));
    const missing = {
      kind: 'behind',
      failure: { code: 'extension-missing', message: expect.stringContaining(folder) as string },
    };
    expect(await without.writeAll(writes)).toMatchObject([missing, missing]);
    expect(await rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'dev%'")).toEqual([]);
  });

  describe('for a lock that somebody holds', () => {
    const lockedBy = (process: string, what: string) => ({
      kind: 'behind',
      failure: {
        code: 'target-locked',
        message: `${what} is locked by process ${process} (user postgres, application 'other'); gave up after 3 attempts of 1 s.`,
        hint: `Wait until process ${process} ends its transaction, or run SELECT pg_terminate_backend(${process}).`,
      },
    });
    const impatient = { settings: { lock_timeout: 1 } };

    it.each([
      ['on the table', 'LOCK TABLE shop.orders IN SHARE MODE'],
      ['on a row', "UPDATE shop.orders SET name = 'z'"],
    ])('%s, names its holder', async (_, lock) => {
      await freshStore(impatient);
      const other = await otherSession();
      await other.query(`BEGIN; ${lock}`);
      expect(await store.write(await small())).toMatchObject(lockedBy(other.process, 'shop.orders'));
      expect(await stagings()).toEqual([]);
      await other.query('ROLLBACK');
      await unchanged();
    });

    it('that keeps a column from being added', async () => {
      await freshStore(impatient);
      const other = await otherSession();
      await other.query('BEGIN; SELECT * FROM shop.orders');
      const wider = await artefactOf("SELECT 1::BIGINT AS id, 'a' AS name, 1 AS more");
      expect(await store.write(wider)).toMatchObject(lockedBy(other.process, 'shop.orders'));
      await other.query('COMMIT');
      expect(await store.write(wider)).toMatchObject({ kind: 'written' });
    });

    it('but not if it is released in time', async () => {
      await freshStore({ settings: { lock_timeout: 60 } });
      const other = await otherSession();
      await other.query('BEGIN; LOCK TABLE shop.orders IN SHARE MODE');
      const writing = store.write(await small());
      await untilRows(WAITING);
      await other.query('COMMIT');
      expect(await writing).toMatchObject({ kind: 'written', rows: 1 });
    });

    it('lets the other targets of the switch be written', async () => {
      await freshStore(impatient);
      const other = await otherSession();
      await other.query('BEGIN; LOCK TABLE shop.orders IN SHARE MODE');
      const artefact = await small();
      const writes = [await store.planned(artefact), await store.planned(artefact, { table: 'shop.second' })];
      expect(await store.writeAll(writes)).toMatchObject([
        lockedBy(other.process, 'shop.orders'),
        { kind: 'written', rows: 1 },
      ]);
      expect(await rows('SELECT id FROM shop.second')).toEqual([['2']]);
    });
  });

  it('for the ledger of another user', async () => {
    await freshStore({ settings: { user: 'app' } });
    const mode = { kind: 'append' } as const;
    const planned = await store.planned(await small(), { mode });
    await rows(
      'CREATE TABLE shop.seeknal_ledger ("table" text, artefact text, lineage text, environment text, rows bigint, written_at timestamptz)',
    );
    expect(await store.writeAll([planned])).toMatchObject([
      {
        kind: 'behind',
        failure: {
          code: 'permission-denied',
          message: 'permission denied for table seeknal_ledger',
          hint: 'GRANT SELECT, INSERT, DELETE ON shop.seeknal_ledger TO app',
        },
      },
    ]);
    await unchanged();
  });

  it('because the command is interrupted while rows are loaded, and the next write tidies up', async () => {
    await freshStore();
    const interrupted = new AbortController();
    const other = storeAt(server, { signal: interrupted.signal });
    const planned = await other.planned(await artefactOf(`SELECT range AS id, 'x' AS name FROM range(${MANY * 10})`), {
      adopt: true,
    });
    const writing = other.writeAll([planned]);
    await untilRows('SELECT count(*) FROM pg_stat_progress_copy WHERE tuples_processed > 0');
    interrupted.abort();
    await expect(writing).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    await unchanged();
    await untilRows('SELECT CASE count(*) WHEN 0 THEN 1 ELSE 0 END FROM pg_stat_progress_copy');
    await store.write(await small());
    expect(await stagings()).toEqual([]);
  });

  it('for a statement timeout while loading', async () => {
    await freshStore({ settings: { user: 'app' } });
    const planned = await store.planned(await many());
    await rows(`ALTER ROLE app SET statement_timeout = '100ms'`);
    try {
      const limited = storeAt(server, { settings: { user: 'app' } });
      expect(await limited.writeAll([planned])).toMatchObject([
        {
          kind: 'behind',
          failure: {
            code: 'statement-timeout',
            message: 'canceling statement due to statement timeout',
            hint: expect.any(String) as string,
          },
        },
      ]);
      await unchanged();
      expect(await stagings()).toEqual([]);
    } finally {
      await rows('ALTER ROLE app RESET statement_timeout');
    }
  });

  describe('because the server dies', () => {
    it('while rows are loaded', async () => {
      await freshStore();
      const writing = store.write(
        await artefactOf(`SELECT range AS id, 'x' || range AS name FROM range(${MANY * 10})`),
      );
      await untilRows('SELECT count(*) FROM pg_stat_progress_copy WHERE tuples_processed > 0');
      await server.kill();
      expect(await writing).toMatchObject({
        kind: 'behind',
        failure: { code: 'connection-lost', hint: expect.any(String) as string },
      });
      await server.restart();
      await unchanged();
      expect(await storeAt(server).write(await small(), { adopt: true })).toMatchObject({ kind: 'written', rows: 1 });
      expect(await stagings()).toEqual([]);
    });

    it('while targets are switched', async () => {
      await freshStore({ settings: { lock_timeout: 60 } });
      const other = await otherSession();
      await other.query('BEGIN; SELECT * FROM shop.orders FOR UPDATE');
      const artefact = await small();
      const writes = [await store.planned(artefact, { table: 'shop.early' }), await store.planned(artefact)];
      const writing = store.writeAll(writes);
      await untilRows(WAITING);
      await server.kill();
      const lost = { kind: 'behind', failure: { hint: expect.any(String) as string } };
      expect(await writing).toMatchObject([lost, lost]);
      await server.restart();
      await unchanged();
      expect(await rows("SELECT to_regclass('shop.early')")).toEqual([[null]]);
      expect(await storeAt(server).write(artefact, { adopt: true })).toMatchObject({ kind: 'written', rows: 1 });
      expect(await stagings()).toEqual([]);
    });

    it('after loading: unlogged rows are gone, and nothing is switched', async () => {
      await freshStore({ settings: { lock_timeout: 60 } });
      const other = await otherSession();
      await other.query('BEGIN; LOCK TABLE shop.orders IN SHARE MODE');
      const writing = store.write(await small());
      await untilRows(WAITING);
      const [[staging] = []] = await stagings();
      await rows(`DELETE FROM shop.${staging}`);
      await other.query('COMMIT');
      expect(await writing).toMatchObject({
        kind: 'behind',
        failure: { code: 'staging-lost', message: 'shop.orders was not changed: 0 of 1 loaded rows were found.' },
      });
      await unchanged();
    });
  });

  describe('because the answer to COMMIT is lost', () => {
    /** Has a write wait within its COMMIT, for a check of a foreign key, and cuts all its connections. */
    async function cutCommit() {
      await freshStore();
      await rows(`
        CREATE TABLE shop.ids (id bigint PRIMARY KEY); INSERT INTO shop.ids VALUES (1), (2);
        ALTER TABLE shop.orders ADD FOREIGN KEY (id) REFERENCES shop.ids DEFERRABLE INITIALLY DEFERRED`);
      const proxy = await startFaultyProxy(server);
      const far = storeAt(proxy, { settings: { lock_timeout: 60 } });
      const other = await otherSession();
      await other.query('BEGIN; SELECT * FROM shop.ids FOR UPDATE');
      const planned = await far.planned(await small(), { adopt: true });
      const writing = far.writeAll([planned]);
      await untilRows(WAITING);
      proxy.cut();
      return { writing, other };
    }

    it('finds out that the rows were written', async () => {
      const { writing, other } = await cutCommit();
      await other.query('COMMIT');
      expect(await writing).toMatchObject([{ kind: 'written', rows: 1 }]);
      expect(await rows('SELECT id FROM shop.orders')).toEqual([['2']]);
    });

    it('finds out that they were not', async () => {
      const { writing } = await cutCommit();
      await rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      expect(await writing).toMatchObject([{ kind: 'behind', failure: { code: 'connection-lost' } }]);
      await unchanged();
    });

    it('says so if the server cannot tell', async () => {
      const { writing } = await cutCommit();
      await server.kill();
      expect(await writing).toMatchObject([
        { kind: 'behind', failure: { code: 'outcome-unknown', hint: expect.any(String) as string } },
      ]);
      await server.restart();
      await unchanged();
    });
  });

  describe('leaves staging tables that', () => {
    const leave = (name: string, lineage: string): Promise<unknown> =>
      rows(`CREATE TABLE shop.${name} (i int); COMMENT ON TABLE shop.${name} IS 'seeknal: {"staging":"${lineage}"}'`);

    it('the next write drops, but not those of others or without a mark', async () => {
      await freshStore();
      await leave('_seeknal_0123456789ab', 'lineage-1');
      await leave('_seeknal_0123456789ac', 'lineage-2');
      await rows('CREATE TABLE shop._seeknal_0123456789ad (i int)');
      await store.write(await small());
      expect((await stagings()).flat().sort()).toEqual(['_seeknal_0123456789ac', '_seeknal_0123456789ad']);
    });

    it('no other write drops while it is alive', async () => {
      await freshStore({ settings: { lock_timeout: 60 } });
      const other = await otherSession();
      await other.query('BEGIN; LOCK TABLE shop.orders IN SHARE MODE');
      const writing = store.write(await small());
      await untilRows(WAITING);
      expect(await storeAt(server).write(await small(), { table: 'shop.second' })).toMatchObject({ kind: 'written' });
      expect(await stagings()).toHaveLength(1);
      await other.query('COMMIT');
      expect(await writing).toMatchObject({ kind: 'written' });
      expect(await stagings()).toEqual([]);
    });
  });

  describe('drops no schema', () => {
    it('that something outside depends on, and names it', async () => {
      database = await server.createDatabase();
      const dev = storeAt(server, { environment: 'dev' });
      await dev.write(await small(), { mode: { kind: 'upsert', keys: ['id'] } });
      await rows(`
        CREATE SCHEMA reports; CREATE VIEW reports.daily AS SELECT * FROM dev_shop.orders;
        CREATE TYPE dev_shop.color AS ENUM ('red'); CREATE TABLE reports.paint (c dev_shop.color)`);
      const [schema] = await dev.connector.schemasOf('local_pg', dev.mark);
      expect(schema).toEqual({
        endpoint: expect.any(String) as string,
        name: 'dev_shop',
        contents: ['table dev_shop.orders', 'type dev_shop.color'],
        dependents: ['table reports.paint', 'view reports.daily'],
      });
      const drop = () => dev.connector.dropSchemas('local_pg', dev.mark, ['dev_shop']);
      await expect(drop()).rejects.toMatchObject({
        code: 'schema-in-use',
        message: 'Schema dev_shop cannot be dropped: table reports.paint, view reports.daily depend on it.',
      });
      expect(await rows('SELECT id FROM dev_shop.orders')).toEqual([['2']]);
      await rows('DROP SCHEMA reports CASCADE');
      await drop();
      expect(await dev.connector.schemasOf('local_pg', dev.mark)).toEqual([]);
    });
  });
});

describeFullDisk('a write to a full disk of PostgreSQL', () => {
  it.each([
    [
      'while rows are loaded',
      (space: string, name: string) => `ALTER DATABASE ${name} SET default_tablespace = ${space}`,
      '',
    ],
    ['while targets are switched', () => 'SELECT 1', 'TABLESPACE'],
  ])('fails %s and leaves the table as it was', async (_, prepare, own) => {
    const server = await startPostgres();
    const database = await server.createDatabase();
    const rows = (sql: string) => server.rows(sql, database);
    const space = await smallTablespace(server, 8);
    await rows(prepare(space, database));
    await rows(`CREATE SCHEMA shop; CREATE TABLE shop.orders (id bigint, name text) ${own && `${own} ${space}`}`);
    const store = new TestTargets(server, database);
    await store.write(await artefactOf("SELECT 1::BIGINT AS id, 'a' AS name"));
    const outcome = await store.write(await artefactOf(`SELECT range AS id, 'x' || range AS name FROM range(${MANY})`));
    expect(outcome).toMatchObject({
      kind: 'behind',
      failure: { code: 'disk-full', hint: expect.any(String) as string },
    });
    expect(await rows('SELECT id, name FROM shop.orders')).toEqual([['1', 'a']]);
    expect(await rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_seeknal\\_%'")).toEqual([]);
    await store.close();
  });
});
