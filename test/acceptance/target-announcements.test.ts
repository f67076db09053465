import pg from 'pg';
import { beforeAll, expect, it, vi } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, ORDERS_SQL, ordersProject, type ShopProject, target, targetsOf } from './shop.ts';

const NODE = 'transform.orders_clean';
const REMATERIALIZE = ['env', 'promote', 'dev', '--rematerialize'] as const;

describePostgres('what happens to the tables of production', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('stops a promotion after which two nodes would mean one table', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    for (const [name, environment] of [
      ['one', 'first'],
      ['two', 'dev'],
    ] as const) {
      const sql = `SELECT '${name}' AS name FROM ref('source.orders')`;
      project.define(`transform.${name}`, sql, target('analytics.shared'));
      await project.ok('env', 'plan', environment);
      await project.ok('env', 'apply', environment);
      project.remove(`seeknal/${name}.yml`);
    }
    await project.ok('env', 'promote', 'first', '--yes', '--rematerialize');
    const before = project.snapshot('target/store');
    const { code, document } = await project.result([...REMATERIALIZE, '--yes']);
    expect([code, mistakesOf(document)]).toEqual([
      1,
      [
        [
          'target-collision',
          'transform.two → postgresql analytics.shared: transform.one → postgresql analytics.shared writes the same table.',
          'Give one of them another table, or another connection.',
        ],
      ],
    ]);
    expect(project.snapshot('target/store')).toEqual(before);
    expect(await project.rows('SELECT DISTINCT name FROM analytics.shared')).toEqual([['one']]);
  });

  /** A change that only `cascade` lets into the table, on which a view depends. */
  async function cascading(): Promise<ShopProject> {
    const project = await ordersProject(postgres, 'analytics.orders', 'cascade: true');
    await project.ok('run');
    await project.rows('CREATE VIEW report AS SELECT * FROM analytics.orders');
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount::VARCHAR AS amount');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    return project;
  }
  const DROPPED = `  would be written: ${NODE} → postgresql analytics.orders: drops the table with view report; creates the table\n`;
  const views = (project: ShopProject) => project.rows("SELECT count(*) FROM pg_views WHERE viewname = 'report'");

  it('is announced before a promotion: what it drops, and what is left to write after one', async () => {
    const project = await cascading();
    expect(await project.ok(...REMATERIALIZE, '--dry-run')).toContain(DROPPED);
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await project.ok(...REMATERIALIZE, '--dry-run')).toContain(DROPPED);
    expect(await project.run([...REMATERIALIZE])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(DROPPED) as string,
    });
    expect(await views(project)).toEqual([['1']]);
    expect(targetsOf((await project.result([...REMATERIALIZE, '--yes'])).document)).toEqual([
      [NODE, 'analytics.orders', 'written', 3],
    ]);
    expect(await views(project)).toEqual([['0']]);
    expect(await project.ok(...REMATERIALIZE, '--dry-run')).toBe("✓ Nothing to promote from 'dev'.\n");
  });

  it('is announced before a run', async () => {
    const project = await cascading();
    expect(await project.ok('run', '--dry-run')).toContain(DROPPED);
  });

  it('is announced before a rollback', async () => {
    const project = await cascading();
    await project.ok(...REMATERIALIZE, '--yes');
    await project.rows('CREATE VIEW report AS SELECT * FROM analytics.orders');
    const back = ['env', 'rollback', '--rematerialize'] as const;
    expect(await project.ok(...back, '--dry-run')).toContain(DROPPED);
    expect(await project.run([...back])).toMatchObject({ code: 1, stdout: expect.stringContaining(DROPPED) as string });
    expect(await views(project)).toEqual([['1']]);
    await project.ok('env', 'rollback', '--yes');
    expect(await project.run([...back, '--to', '1'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(DROPPED) as string,
    });
    expect(await views(project)).toEqual([['1']]);
    const { stdout } = await project.run([...back, '--to', '1', '--yes']);
    expect(stdout).toContain('✓ Generation 1 stays; external targets are up to date.\n');
    expect(await views(project)).toEqual([['0']]);
  });

  it('is told once if a rollback cannot write it', async () => {
    const project = await cascading();
    await project.ok(...REMATERIALIZE, '--yes');
    await postgres.rows(`ALTER DATABASE ${project.database} SET default_transaction_read_only = on`);
    const { code, document } = await project.result(['env', 'rollback', '--rematerialize', '--yes']);
    expect([code, targetsOf(document)]).toEqual([1, [[NODE, 'analytics.orders', 'failed', null]]]);
  });

  it('is announced by the plan of an environment: an apply drops no more', async () => {
    const project = await ordersProject(postgres, 'analytics.orders', 'cascade: true');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount::VARCHAR AS amount');
    await project.ok('env', 'plan', 'dev');
    await project.rows('CREATE VIEW report AS SELECT * FROM dev_analytics.orders');
    const { code, document } = await project.result(['env', 'apply', 'dev']);
    expect([code, mistakesOf(document).map(([, message]) => message)]).toEqual([
      1,
      [
        "Plan is stale: writing dev_analytics.orders now drops the table with view report. Run 'seeknal env plan dev' to refresh.",
      ],
    ]);
    expect(await project.ok('env', 'plan', 'dev')).toContain('drops the table with view report');
    await project.ok('env', 'apply', 'dev');
    expect(await views(project)).toEqual([['0']]);
  });

  it('drops nothing that came while other rows were moved', async () => {
    const project = await ordersProject(postgres, 'analytics.a_kept');
    project.define('transform.anew', ORDERS_SQL, target('analytics.orders', 'cascade: true'));
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    project.edit('seeknal/anew.yml', 'SELECT id, amount', 'SELECT id, amount::VARCHAR AS amount');
    const { host, port, user } = postgres;
    const other = new pg.Client({ host, port, user, database: project.database });
    await other.connect();
    await other.query('BEGIN; SELECT FROM analytics.a_kept FOR UPDATE');
    const running = project.result(['run']);
    const waiting = `SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'DELETE%' AND wait_event_type = 'Lock'`;
    await vi.waitFor(async () => expect(await project.rows(waiting)).toEqual([['1']]), { timeout: 30_000 });
    await project.rows('CREATE VIEW report AS SELECT * FROM analytics.orders');
    await other.query('COMMIT');
    await other.end();
    expect(targetsOf((await running).document)).toEqual([
      ['transform.anew', 'analytics.orders', 'failed', null],
      [NODE, 'analytics.a_kept', 'written', 3],
    ]);
    expect(await views(project)).toEqual([['1']]);
  });
});
