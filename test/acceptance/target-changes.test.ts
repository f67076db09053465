import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import {
  mistakesOf,
  ORDERS,
  ORDERS_SQL,
  ordersProject,
  type ShopProject,
  shopProject,
  statusesOf,
  target,
  targetsOf,
} from './shop.ts';

const NODE = 'transform.orders_clean';
const total = async (project: ShopProject, table = 'analytics.orders') =>
  (await project.rows(`SELECT count(*), sum(amount) FROM ${table}`))[0];

describePostgres('a target that production has written', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('needs no server while it is up to date', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    await postgres.rows(`ALTER DATABASE ${project.database} ALLOW_CONNECTIONS false`);
    for (const words of [['run'], ['plan'], ['env', 'plan', 'dev'], ['env', 'apply', 'dev']]) {
      const { code, stderr } = await project.run(words);
      expect([code, stderr.includes('warning')], `${words.join(' ')}: ${stderr}`).toEqual([0, false]);
    }
    await postgres.rows(`ALTER DATABASE ${project.database} ALLOW_CONNECTIONS true`);
  });

  it('belongs to its node under another name, too', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.remove('seeknal/orders_clean.yml');
    project.define('transform.renamed', `${ORDERS_SQL} WHERE id > 1`, target('analytics.orders'));
    const { code, document } = await project.result(['run']);
    expect([code, targetsOf(document)]).toEqual([0, [['transform.renamed', 'analytics.orders', 'written', 2]]]);
    expect(await total(project)).toEqual(['2', '50']);
  });

  it('is left behind when the target points elsewhere', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'analytics.orders', 'analytics.orders_v2');
    const plan = await project.result(['plan']);
    expect(project.node(plan.document as never, NODE)).toMatchObject({ category: 'breaking', action: 'reuse' });
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      [NODE, 'analytics.orders_v2', 'written', 3],
      [NODE, 'analytics.orders', 'skipped', null],
    ]);
    expect([await total(project), await total(project, 'analytics.orders_v2')]).toEqual([
      ['3', '60'],
      ['3', '60'],
    ]);
  });

  it('is written to another database when the profile says so', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    const moved = await postgres.createDatabase();
    project.connect({ database: moved });
    const { document } = await project.result(['run']);
    expect([document.serial, targetsOf(document)]).toEqual([null, [[NODE, 'analytics.orders', 'written', 3]]]);
    expect(await postgres.rows('SELECT count(*) FROM analytics.orders', moved)).toEqual([['3']]);
  });

  it('gains nothing from a rollback and its run in mode append', async () => {
    const project = await ordersProject(postgres, 'analytics.orders', 'mode: append');
    await project.ok('run');
    const before = project.read('seeknal/orders_clean.yml');
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
    await project.ok('run');
    expect(await total(project)).toEqual(['6', '660']);
    await project.ok('env', 'rollback', '--yes');
    project.write('seeknal/orders_clean.yml', before);
    const { code, document } = await project.result(['run']);
    expect([code, targetsOf(document)]).toEqual([0, [[NODE, 'analytics.orders', 'written', 0]]]);
    expect(await total(project)).toEqual(['6', '660']);
    expect((await project.result(['run'])).document.status).toBe('nothing_to_do');
  });

  it('changes together with the others of its connection, and readers see no mixture', async () => {
    const project = await ordersProject(postgres, 'analytics.a');
    project.define('transform.b', `SELECT * FROM ref('${NODE}')`, target('marts.b'));
    await project.ok('run');
    project.append('data/orders.csv', '4,40\n');
    const same = 'SELECT (SELECT sum(amount) FROM analytics.a) = (SELECT sum(amount) FROM marts.b)';
    const run = { isDone: false };
    const running = project.ok('run').finally(() => (run.isDone = true));
    const seen = new Set<string | null | undefined>();
    while (!run.isDone) seen.add((await project.rows(same))[0]?.[0]);
    await running;
    expect([...seen]).toEqual(['t']);
    expect(await total(project, 'marts.b')).toEqual(['4', '100']);
  });

  it('keeps views, grants, indexes and comments of its table', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    await project.rows(`
      CREATE VIEW public.big AS SELECT id FROM analytics.orders WHERE amount > 15;
      CREATE INDEX by_amount ON analytics.orders(amount);
      COMMENT ON TABLE analytics.orders IS 'about orders'; GRANT SELECT ON analytics.orders TO PUBLIC`);
    const facts = `SELECT c.oid, relacl, obj_description(c.oid), (SELECT count(*) FROM pg_indexes WHERE tablename = 'orders')
      FROM pg_class c WHERE c.oid = 'analytics.orders'::regclass`;
    const before = await project.rows(facts);
    project.append('data/orders.csv', '4,40\n');
    await project.ok('run');
    expect(await project.rows(facts)).toEqual(before);
    expect(await project.rows('SELECT count(*) FROM public.big')).toEqual([['3']]);
  });

  it('may belong to a source', async () => {
    const project = await shopProject(postgres);
    project.define('source.orders', ORDERS, target('raw.orders'));
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      ['source.orders', 'raw.orders', 'written', 3],
    ]);
    project.append('data/orders.csv', '4,40\n');
    await project.ok('env', 'plan', 'dev', '--refresh');
    expect(targetsOf((await project.result(['env', 'apply', 'dev'])).document)).toEqual([
      ['source.orders', 'dev_raw.orders', 'written', 4],
    ]);
    expect([await total(project, 'raw.orders'), await total(project, 'dev_raw.orders')]).toEqual([
      ['3', '60'],
      ['4', '100'],
    ]);
  });

  it('is written although another connection of its node is down', async () => {
    const project = await ordersProject(postgres);
    project.write(
      'profiles.yml',
      `${project.read('profiles.yml')}  down: { type: postgresql, host: 127.0.0.1, port: 1, database: d, user: u }\n`,
    );
    project.define(
      NODE,
      ORDERS_SQL,
      target('a.orders').replace('connection: shop', 'connection: down'),
      target('a.orders'),
    );
    const first = await project.result(['run']);
    expect([first.code, targetsOf(first.document)]).toEqual([
      1,
      [
        [NODE, 'a.orders', 'failed', null],
        [NODE, 'a.orders', 'written', 3],
      ],
    ]);
    const [[, endpoint = ''] = []] = await project.rows("SELECT 1, to_regclass('a.orders')");
    expect(endpoint).toBe('a.orders');
    project.edit(
      'profiles.yml',
      'port: 1, database: d, user: u',
      `port: ${postgres.port}, database: postgres, user: postgres`,
    );
    expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, 'a.orders', 'written', 3]]);
    expect(await postgres.rows('SELECT count(*) FROM a.orders')).toEqual([['3']]);
  });

  it('takes an added column in mode incremental_by_time', async () => {
    const project = await shopProject(postgres);
    project.define('source.days', 'id,day\n1,2026-01-01\n2,2026-01-02\n');
    const mode = 'mode: incremental_by_time, time_column: day';
    project.define(NODE, "SELECT id, day FROM ref('source.days')", target('analytics.days', mode));
    await project.ok('run');
    project.define(
      NODE,
      "SELECT id, day, id * 2 AS twice FROM ref('source.days') WHERE id = 2",
      target('analytics.days', mode),
    );
    await project.ok('run');
    expect(await project.rows('SELECT id, twice FROM analytics.days ORDER BY id')).toEqual([
      ['1', null],
      ['2', '4'],
    ]);
  });

  describe('and its environment', () => {
    it('that was applied twice, follows production after a promotion, and can change again', async () => {
      const project = await ordersProject(postgres);
      await project.ok('run');
      for (const factor of [10, 100]) {
        project.define(
          NODE,
          `SELECT id, amount * ${factor} AS amount FROM ref('source.orders')`,
          target('analytics.orders'),
        );
        await project.ok('env', 'plan', 'dev');
        await project.ok('env', 'apply', 'dev');
        expect(await total(project, 'dev_analytics.orders')).toEqual(['3', String(60 * factor)]);
        await project.ok('env', 'promote', 'dev', '--yes', '--rematerialize');
        expect(await total(project)).toEqual(['3', String(60 * factor)]);
      }
    });

    it('needs no server for sources that are pinned', async () => {
      const project = await shopProject(postgres);
      await project.rows('CREATE TABLE public.orders AS SELECT 1 AS id');
      project.defineSource('orders', 'table: public.orders\n');
      project.define('transform.m', "SELECT id FROM ref('source.orders')");
      await project.ok('run');
      project.connect({ port: 1 }, 'profiles-dev.yml');
      project.edit('seeknal/m.yml', 'SELECT id', 'SELECT id + 1 AS id');
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      expect(await project.query('SELECT id FROM transform_m', 'dev')).toEqual([{ id: 2 }]);
    });

    it('refuses a plan whose target needs a variable that is not set', async () => {
      const project = await ordersProject(postgres);
      project.connect({ password: '${NOT_SET}' });
      for (const words of [['env', 'plan', 'dev'], ['run']]) {
        const { code, document } = await project.result(words);
        expect([code, mistakesOf(document)]).toEqual([
          1,
          [
            [
              'unset-variable',
              expect.stringContaining("profiles.yml: connection 'shop' needs the environment variable NOT_SET"),
              'Set NOT_SET in the environment or in .env, or write ${NOT_SET:default}.',
            ],
          ],
        ]);
      }
    });
  });

  it('is not written by a run that fails before the switch', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.append('data/orders.csv', '4,40\n');
    project.define('transform.broken', `SELECT CAST(amount || 'x' AS INTEGER) AS n FROM ref('${NODE}')`, target('a.b'));
    const { code, document } = await project.result(['run']);
    expect([code, statusesOf(document)['transform.broken'], targetsOf(document)]).toEqual([1, 'failed', []]);
    expect(await total(project)).toEqual(['3', '60']);
  });
});
