import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, ORDERS_SQL, ordersProject, type ShopProject, statusesOf, target, targetsOf } from './shop.ts';

const NODE = 'transform.orders_clean';
const BAD = 'analytics.refused';

/** Makes the server refuse rows of one table, until `allow`. */
const forbid = (project: ShopProject, schema = 'analytics') =>
  project.rows(`
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE ${schema}.refused(id bigint CHECK (id < 0), amount bigint)`);
const allow = (project: ShopProject, schema = 'analytics') =>
  project.rows(`ALTER TABLE ${schema}.refused DROP CONSTRAINT refused_id_check`);

/** One node with a table that refuses its rows between two that take them. */
async function threeTargets(postgres: TestPostgres): Promise<ShopProject> {
  const project = await ordersProject(postgres);
  const targets = ['analytics.first', BAD, 'analytics.last'].map(table => target(table, 'mode: append'));
  project.define(NODE, ORDERS_SQL, ...targets);
  return project;
}

const counts = (project: ShopProject, schema = 'analytics') =>
  project.rows(`SELECT (SELECT count(*) FROM ${schema}.first), (SELECT count(*) FROM ${schema}.refused),
    (SELECT count(*) FROM ${schema}.last)`);

describePostgres('a target that fails', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('leaves the others written, fails node and command, and is written alone by the next run', async () => {
    const project = await threeTargets(postgres);
    await forbid(project);
    const { code, document, stderr } = await project.result(['run']);
    expect([code, document.status, statusesOf(document), targetsOf(document)]).toEqual([
      1,
      'failed',
      { 'source.orders': 'executed', [NODE]: 'failed' },
      [
        [NODE, 'analytics.first', 'written', 3],
        [NODE, BAD, 'failed', null],
        [NODE, 'analytics.last', 'written', 3],
      ],
    ]);
    const message = document.nodes[1]?.targets[1]?.error?.message ?? '';
    expect(message).toContain('refused_id_check');
    expect(stderr).toContain(`  ✗ ${NODE} → postgresql ${BAD}: ${message}\n`);
    expect(mistakesOf(document).map(([, text]) => text)).toEqual([`${NODE} → postgresql ${BAD}: ${message}`]);
    expect(await counts(project)).toEqual([['3', '0', '3']]);

    const state = project.json('target/run_state.json') as never as { last_attempt: object };
    expect(state.last_attempt).toMatchObject({ status: 'failed', failed: [NODE] });
    const again = await project.result(['run']);
    expect([again.code, again.document.serial, targetsOf(again.document)]).toEqual([
      1,
      null,
      [[NODE, BAD, 'failed', null]],
    ]);
    await allow(project);
    const retry = await project.result(['run']);
    expect([retry.code, retry.document.status, statusesOf(retry.document), targetsOf(retry.document)]).toEqual([
      0,
      'done',
      { 'source.orders': 'reused', [NODE]: 'reused' },
      [[NODE, BAD, 'written', 3]],
    ]);
    expect(await counts(project)).toEqual([['3', '3', '3']]);
  });

  it('is shown with a cross in the result', async () => {
    const project = await threeTargets(postgres);
    await forbid(project);
    const { code, stdout } = await project.run(['run']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n {2}✗ transform\.orders_clean → postgresql analytics\.refused: \S/);
    expect(stdout).toMatch(/\n {2}✓ transform\.orders_clean → postgresql analytics\.last {3}3 rows {3}\d+\.\d\ds\n/);
    expect(stdout).toContain('✗ Run failed');
  });

  it('fails the apply: the environment is not promotable until the retry, which writes only that', async () => {
    const project = await threeTargets(postgres);
    await project.ok('env', 'plan', 'dev');
    await postgres.rows(`ALTER DATABASE ${project.database} SET default_transaction_read_only = on`);
    const first = await project.result(['env', 'apply', 'dev']);
    expect([first.code, first.document.status, targetsOf(first.document).map(([, , status]) => status)]).toEqual([
      1,
      'failed',
      ['failed', 'failed', 'failed'],
    ]);
    expect((await project.result(['env', 'show', 'dev'])).document).toMatchObject({
      environment: { status: 'failed' },
      promotable: false,
    });
    expect((await project.run(['env', 'promote', 'dev', '--yes'])).code).toBe(1);
    await postgres.rows(`ALTER DATABASE ${project.database} RESET ALL`);
    const retry = await project.result(['env', 'apply', 'dev']);
    expect([retry.code, statusesOf(retry.document), targetsOf(retry.document)]).toEqual([
      0,
      { 'source.orders': 'reused', [NODE]: 'reused' },
      [
        [NODE, 'dev_analytics.first', 'written', 3],
        [NODE, 'dev_analytics.refused', 'written', 3],
        [NODE, 'dev_analytics.last', 'written', 3],
      ],
    ]);
    expect((await project.result(['env', 'show', 'dev'])).document).toMatchObject({
      environment: { status: 'applied' },
      targets_behind: [],
      promotable: true,
    });
    await project.ok('env', 'promote', 'dev', '--yes');
  });

  it('in promote --rematerialize leaves production promoted, and the next one writes only it', async () => {
    const project = await threeTargets(postgres);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    await forbid(project);
    const words = ['env', 'promote', 'dev', '--yes', '--rematerialize'];
    const first = await project.result(words);
    expect([first.code, first.document.status, first.document.serial, targetsOf(first.document)]).toEqual([
      1,
      'failed',
      1,
      [
        [NODE, 'analytics.first', 'written', 3],
        [NODE, BAD, 'failed', null],
        [NODE, 'analytics.last', 'written', 3],
      ],
    ]);
    await allow(project);
    const retry = await project.result(words);
    expect([retry.code, targetsOf(retry.document)]).toEqual([0, [[NODE, BAD, 'written', 3]]]);
    expect(await counts(project)).toEqual([['3', '3', '3']]);
  });

  it('because its server is down does not stop a promotion, and is written by the next one', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    project.connect({ port: 1 }, 'down.yml');
    const words = ['env', 'promote', 'dev', '--yes', '--rematerialize'];
    const first = await project.result([...words, '--profile', 'down.yml']);
    expect([first.code, first.document.serial, targetsOf(first.document)]).toEqual([
      1,
      2,
      [[NODE, 'analytics.orders', 'failed', null]],
    ]);
    expect(targetsOf((await project.result(words)).document)).toEqual([[NODE, 'analytics.orders', 'written', 3]]);
    expect(await project.rows('SELECT min(id) FROM analytics.orders')).toEqual([['2']]);
  });

  it.each([
    ['keys that repeat', "SELECT 1 AS id FROM ref('source.orders')", 'mode: upsert_by_key, unique_keys: [id]', 'id'],
    ['a NUL in a text', "SELECT 'a' || chr(0) AS id FROM ref('source.orders')", 'mode: full', 'NUL'],
    [
      'no time in its time column',
      "SELECT NULL::TIMESTAMP AS id FROM ref('source.orders')",
      'mode: incremental_by_time, time_column: id',
      'NULL',
    ],
  ])('because of %s says so, and the others are written', async (_, sql, mode, word) => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.define('transform.bad', sql, target('analytics.bad', mode));
    project.append('data/orders.csv', '4,40\n');
    const { code, document } = await project.result(['run']);
    expect([code, targetsOf(document).toSorted()]).toEqual([
      1,
      [
        ['transform.bad', 'analytics.bad', 'failed', null],
        [NODE, 'analytics.orders', 'written', 4],
      ],
    ]);
    expect(mistakesOf(document)).toEqual([[expect.any(String), expect.stringContaining(word), expect.anything()]]);
    expect(await project.rows("SELECT to_regclass('analytics.bad')")).toEqual([[null]]);
  });

  describe('for want of a right', () => {
    it('says which, and the others are written', async () => {
      const project = await ordersProject(postgres);
      project.define(NODE, ORDERS_SQL, target('analytics.orders'), target('allowed.orders'));
      const app = await postgres.createUser(`app_${project.database}`);
      await project.rows(`CREATE SCHEMA dev_allowed AUTHORIZATION ${app}`);
      project.connect({ user: app });
      const planned = await project.result(['env', 'plan', 'dev', '--adopt']);
      const said = `${NODE} → postgresql dev_analytics.orders: permission denied for schema dev_analytics`;
      const hint = `GRANT CREATE ON DATABASE ${project.database} TO ${app}`;
      expect([planned.code, mistakesOf(planned.document)]).toEqual([0, [['permission-denied', said, hint]]]);
      const { code, document } = await project.result(['env', 'apply', 'dev']);
      expect([code, document.status, targetsOf(document)]).toEqual([
        1,
        'failed',
        [
          [NODE, 'dev_analytics.orders', 'failed', null],
          [NODE, 'dev_allowed.orders', 'written', 3],
        ],
      ]);
      const shown = await project.run(['env', 'apply', 'dev']);
      expect([shown.code, shown.stdout.split('\n').filter(line => line.includes('✗'))[0]]).toEqual([1, `  ✗ ${said}`]);
      expect(shown.stderr).toContain(`  hint: ${hint}\n`);
      await project.rows(`GRANT CREATE ON DATABASE ${project.database} TO ${app}`);
      expect(targetsOf((await project.result(['env', 'apply', 'dev'])).document)).toEqual([
        [NODE, 'dev_analytics.orders', 'written', 3],
      ]);
    });
  });

  it('because its server is down is a warning of plan, and a failed target of apply', async () => {
    const project = await ordersProject(postgres);
    project.connect({ port: 1 });
    const refused = `Connection 'shop' to postgresql://127.0.0.1:1/${project.database}: nothing listens on port 1 of '127.0.0.1'.`;
    const planned = await project.result(['env', 'plan', 'dev']);
    expect([planned.code, mistakesOf(planned.document)]).toEqual([
      0,
      [
        [
          'target-unchecked',
          `${NODE} → postgresql dev_analytics.orders could not be checked: ${refused}`,
          "Start the server, or check 'host' and 'port'.",
        ],
      ],
    ]);
    const { code, document } = await project.result(['env', 'apply', 'dev']);
    expect([code, statusesOf(document), targetsOf(document)]).toEqual([
      1,
      { 'source.orders': 'executed', [NODE]: 'failed' },
      [[NODE, 'dev_analytics.orders', 'failed', null]],
    ]);
    expect((await project.result(['run'])).code).toBe(1);
    expect(await project.query('SELECT count(*) AS n FROM transform_orders_clean')).toEqual([{ n: 3 }]);
    project.connect();
    expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, 'analytics.orders', 'written', 3]]);
  });
});
