import { spawn } from 'node:child_process';
import pg from 'pg';
import { beforeAll, expect, it, vi } from 'vitest';
import { extensionFolder } from '../servers/extensions.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { BINARY } from '../support/run-binary.ts';
import { ORDERS_SQL, ordersProject, type ShopProject, target, targetsOf } from './shop.ts';

const NODE = 'transform.orders_clean';
const SCHEMAS = "SELECT DISTINCT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|inf)' ORDER BY 1, 2";

const total = async (project: ShopProject, table = 'analytics.orders') =>
  (await project.rows(`SELECT count(*), sum(amount) FROM ${table}`))[0];

/** Runs the program until its switch waits in COMMIT, kills it, and lets the server finish the transaction. */
async function killInCommit(postgres: TestPostgres, project: ShopProject, ...words: readonly string[]): Promise<void> {
  const other = new pg.Client({
    host: postgres.host,
    port: postgres.port,
    user: postgres.user,
    database: project.database,
  });
  await other.connect();
  try {
    await other.query('BEGIN; SELECT FROM known FOR UPDATE');
    const env = { PATH: process.env['PATH'], HOME: project.home, SEEKNAL_EXTENSIONS: extensionFolder() };
    const child = spawn(process.execPath, [BINARY, ...words], { cwd: project.root, env, stdio: 'ignore' });
    const ended = new Promise(resolve => child.on('close', resolve));
    const committing = `SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND query = 'COMMIT' AND wait_event_type = 'Lock'`;
    await vi.waitFor(async () => expect(await project.rows(committing)).toEqual([['1']]), { timeout: 30_000 });
    child.kill('SIGKILL');
    await ended;
    await other.query('COMMIT');
    await vi.waitFor(async () => expect(await project.rows(committing)).toEqual([['0']]), { timeout: 30_000 });
  } finally {
    await other.end();
  }
}

describePostgres('what a store knows of its tables', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('is open after a command that died during the commit: a rollback writes the table again', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    await project.rows(`CREATE TABLE known(id bigint PRIMARY KEY); INSERT INTO known SELECT generate_series(1, 9);
      ALTER TABLE analytics.orders ADD FOREIGN KEY (id) REFERENCES known DEFERRABLE INITIALLY DEFERRED`);
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
    await killInCommit(postgres, project, 'run');
    expect(await total(project)).toEqual(['3', '600']);
    const { document } = await project.result(['env', 'rollback', '--yes', '--rematerialize']);
    expect(targetsOf(document)).toEqual([[NODE, 'analytics.orders', 'written', 3]]);
    expect(await total(project)).toEqual(['3', '60']);
  });

  it('is open after a command that died during the commit, also of a table that was taken over', async () => {
    const project = await ordersProject(postgres);
    await project.rows(`CREATE SCHEMA analytics; CREATE TABLE known(id bigint PRIMARY KEY);
      INSERT INTO known SELECT generate_series(1, 9);
      CREATE TABLE analytics.orders(id bigint REFERENCES known DEFERRABLE INITIALLY DEFERRED, amount bigint);
      INSERT INTO analytics.orders VALUES (9, 9)`);
    await project.ok('run', '--adopt');
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
    await killInCommit(postgres, project, 'run');
    expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, 'analytics.orders', 'written', 3]]);
    expect(await total(project)).toEqual(['3', '600']);
    expect((await project.result(['run'])).document.status).toBe('nothing_to_do');
  });

  it('includes the mode: rows that were added go when the mode becomes full', async () => {
    const project = await ordersProject(postgres, 'analytics.orders', 'mode: append');
    await project.ok('run');
    project.append('data/orders.csv', '4,40\n');
    await project.ok('run');
    expect(await total(project)).toEqual(['7', '160']);
    project.edit('seeknal/orders_clean.yml', 'mode: append', 'mode: full');
    expect(targetsOf((await project.result(['run', '--dry-run'])).document)).toHaveLength(1);
    await project.ok('run');
    expect(await total(project)).toEqual(['4', '100']);
    project.edit('seeknal/orders_clean.yml', 'mode: full', 'mode: append');
    expect(targetsOf((await project.result(['run'])).document)).toEqual([]);
    expect(await total(project)).toEqual(['4', '100']);
  });

  it('ends when a target is removed: one that comes back is written, and rows are not appended twice', async () => {
    const project = await ordersProject(postgres);
    const targets = [target('analytics.orders'), target('analytics.log', 'mode: append')];
    project.define(NODE, ORDERS_SQL, ...targets);
    await project.ok('run');
    project.define(NODE, ORDERS_SQL);
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      [NODE, 'analytics.orders', 'skipped', null],
      [NODE, 'analytics.log', 'skipped', null],
    ]);
    await project.rows('DROP TABLE analytics.orders');
    project.define(NODE, ORDERS_SQL, ...targets);
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      [NODE, 'analytics.orders', 'written', 3],
      [NODE, 'analytics.log', 'written', 0],
    ]);
    expect([await total(project), await total(project, 'analytics.log')]).toEqual([
      ['3', '60'],
      ['3', '60'],
    ]);
  });

  it('ends when a target points elsewhere: the table that it leaves is listed', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'analytics.orders', 'analytics.sales');
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      [NODE, 'analytics.sales', 'written', 3],
      [NODE, 'analytics.orders', 'skipped', null],
    ]);
    project.edit('seeknal/orders_clean.yml', 'analytics.sales', 'analytics.orders');
    await project.rows('UPDATE analytics.orders SET amount = 0');
    await project.ok('run');
    expect(await total(project)).toEqual(['3', '60']);
  });

  it('is not ended by another name of the connection', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.write('profiles.yml', project.read('profiles.yml').replace('  shop:', '  warehouse:'));
    project.edit('seeknal/orders_clean.yml', 'connection: shop', 'connection: warehouse');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    const { document } = await project.result(['env', 'promote', 'dev', '--yes', '--rematerialize']);
    expect(targetsOf(document)).toEqual([]);
    expect((await project.result(['run'])).document.status).toBe('nothing_to_do');
    expect(await total(project)).toEqual(['3', '60']);
  });

  it('ends when a target moves to another server: on its way back it is written again', async () => {
    const project = await ordersProject(postgres);
    const elsewhere = await postgres.createDatabase();
    const profile = project.read('profiles.yml');
    const other = profile.replace('connections:\n', '').replace('  shop:', '  other:');
    project.write('profiles.yml', profile + other.replace(project.database, elsewhere));
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'connection: shop', 'connection: other');
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      [NODE, 'analytics.orders', 'written', 3],
      [NODE, 'analytics.orders', 'skipped', null],
    ]);
    await project.rows('DROP TABLE analytics.orders');
    project.edit('seeknal/orders_clean.yml', 'connection: other', 'connection: shop');
    await project.ok('run');
    expect(await total(project)).toEqual(['3', '60']);
  });

  it('does not stop a rollback if the table of a target can no longer be named', async () => {
    const project = await ordersProject(postgres, "'{{ env:AREA }}.orders'");
    const env = { AREA: 'analytics' };
    expect((await project.run(['run'], { env })).code).toBe(0);
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
    expect((await project.run(['run'], { env })).code).toBe(0);
    const { code, document } = await project.result(['env', 'rollback', '--yes'], { env: { AREA: 'other' } });
    expect([code, document.serial, targetsOf(document)]).toEqual([0, 3, []]);
  });

  it('ends with an environment: another one of this name writes its tables', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run', '--no-materialize');
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
    const apply = async () => {
      await project.ok('env', 'plan', 'dev');
      return targetsOf((await project.result(['env', 'apply', 'dev'])).document);
    };
    expect(await apply()).toEqual([[NODE, 'dev_analytics.orders', 'written', 3]]);
    await project.ok('env', 'delete', 'dev', '--yes');
    await project.rows('DROP SCHEMA dev_analytics CASCADE');
    expect(await apply()).toEqual([[NODE, 'dev_analytics.orders', 'written', 3]]);
  });

  it('is of each connection: two that differ in their schema write where each says', async () => {
    const project = await ordersProject(postgres, 'orders');
    const shop = {
      type: 'postgresql',
      host: '127.0.0.1',
      port: postgres.port,
      database: project.database,
      user: 'postgres',
    };
    const connections = { shop: { ...shop, schema: 'one' }, other: { ...shop, schema: 'two' } };
    project.write('profiles.yml', JSON.stringify({ connections }));
    project.define('transform.copy', ORDERS_SQL, target('copy').replace('connection: shop', 'connection: other'));
    await project.ok('run');
    expect(await project.rows(SCHEMAS)).toEqual([
      ['one', 'orders'],
      ['two', 'copy'],
    ]);
  });
});
