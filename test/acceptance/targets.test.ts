import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { ORDERS_SQL, ordersProject, shopProject, statusesOf, target, targetsOf } from './shop.ts';

const NODE = 'transform.orders_clean';
const TABLES =
  "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_)' ORDER BY 1";
const AMOUNTS = (table: string) => `SELECT id, amount FROM ${table} ORDER BY 1, 2`;

describePostgres('external targets in PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('are written by run under their own names, and not again while nothing changes', async () => {
    const project = await ordersProject(postgres);
    const first = await project.result(['run']);
    expect([first.code, first.document.status, targetsOf(first.document)]).toEqual([
      0,
      'done',
      [[NODE, 'analytics.orders', 'written', 3]],
    ]);
    expect(await project.rows(AMOUNTS('analytics.orders'))).toEqual([
      ['1', '10'],
      ['2', '20'],
      ['3', '30'],
    ]);
    expect(await project.rows(TABLES)).toEqual([['analytics.orders']]);
    const again = await project.result(['run']);
    expect([again.code, again.document.status, targetsOf(again.document)]).toEqual([0, 'nothing_to_do', []]);
    expect(await project.ok('run')).toBe('✓ No changes detected. Nothing to run.\n');
  });

  it('are shown with rows and seconds', async () => {
    const project = await ordersProject(postgres);
    const { stdout, stderr } = await project.run(['run']);
    expect(stdout).toMatch(/\n {2}✓ transform\.orders_clean → postgresql analytics\.orders {3}3 rows {3}\d+\.\d\ds\n/);
    expect(stderr).toMatch(/\n {2}✓ transform\.orders_clean → postgresql analytics\.orders 3 rows \d+\.\d\ds\n/);
  });

  it('are prefixed in an environment; plan and apply say so, and production stays', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 2 AS amount');
    const plan = await project.result(['env', 'plan', 'dev']);
    expect(project.node(plan.document as never, NODE)['targets']).toEqual([
      expect.objectContaining({ type: 'postgresql', physical: 'dev_analytics.orders' }),
    ]);
    expect(await project.ok('env', 'plan', 'dev')).toContain(
      `  ~ ${NODE}   non-breaking   run   its definition changed\n      → postgresql dev_analytics.orders`,
    );
    expect(await project.rows(TABLES)).toEqual([['analytics.orders']]);
    const applied = await project.result(['env', 'apply', 'dev']);
    expect(targetsOf(applied.document)).toEqual([[NODE, 'dev_analytics.orders', 'written', 3]]);
    expect(await project.rows(AMOUNTS('dev_analytics.orders'))).toEqual([
      ['1', '20'],
      ['2', '40'],
      ['3', '60'],
    ]);
    expect(await project.rows('SELECT sum(amount) FROM analytics.orders')).toEqual([['60']]);
  });

  it('are not written in an environment for nodes that are as in production', async () => {
    const project = await ordersProject(postgres);
    project.define(
      'transform.total',
      "SELECT sum(amount) AS total FROM ref('source.orders')",
      target('analytics.total'),
    );
    await project.ok('run');
    project.edit('seeknal/total.yml', 'AS total', 'AS total, count(*) AS orders');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await project.rows(TABLES)).toEqual([['analytics.orders'], ['analytics.total'], ['dev_analytics.total']]);
  });

  it('are written in an environment if only the targets changed, without running the node', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.define('transform.orders_clean', ORDERS_SQL, target('analytics.orders'), target('marts.orders'));
    expect((await project.result(['env', 'plan', 'dev'])).document['summary']).toMatchObject({
      non_breaking: 1,
      to_execute: 0,
    });
    const { document } = await project.result(['env', 'apply', 'dev']);
    expect([document.status, statusesOf(document)[NODE], targetsOf(document)]).toEqual([
      'done',
      'reused',
      [
        [NODE, 'dev_analytics.orders', 'written', 3],
        [NODE, 'dev_marts.orders', 'written', 3],
      ],
    ]);
  });

  it.each([
    ['staging', 'analytics.orders', 'staging_analytics.orders'],
    ['exp', 'xp_x.xp_orders', 'exp_xp_x.xp_orders'],
    ['exp-ml', 'analytics.orders', 'exp_ml_analytics.orders'],
    ['dev', 'public.orders', 'dev_public.orders'],
    ['dev', 'orders', 'dev_public.orders'],
    ['dev', 'analytics."Order lines"', 'dev_analytics."Order lines"'],
  ])('of environment %s: %s is %s', async (environment, table, physical) => {
    const project = await ordersProject(postgres, JSON.stringify(table));
    await project.ok('env', 'plan', environment);
    const { document } = await project.result(['env', 'apply', environment]);
    expect(targetsOf(document)).toEqual([[NODE, physical, 'written', 3]]);
    expect(await project.rows(`SELECT count(*) FROM ${physical}`)).toEqual([['3']]);
    expect(await project.rows(TABLES)).toEqual([[physical.replaceAll('"', '')]]);
  });

  it('without a schema are in the schema of the connection', async () => {
    const project = await ordersProject(postgres, 'orders');
    project.connect({ schema: 'warehouse' });
    await project.ok('run');
    await project.ok('env', 'plan', 'dev', '--refresh');
    expect(await project.rows(TABLES)).toEqual([['warehouse.orders']]);
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await project.rows(TABLES)).toEqual([['dev_warehouse.orders'], ['warehouse.orders']]);
  });

  it('are disabled by --no-materialize, and brought up by the next run, which executes no node', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run', '--no-materialize');
    expect(await project.rows(TABLES)).toEqual([]);
    const { code, document } = await project.result(['run']);
    expect([code, document.status, document.serial, statusesOf(document), targetsOf(document)]).toEqual([
      0,
      'done',
      null,
      { 'source.orders': 'reused', [NODE]: 'reused' },
      [[NODE, 'analytics.orders', 'written', 3]],
    ]);
    expect((await project.result(['run'])).document.status).toBe('nothing_to_do');
  });

  it('are listed by plans and dry runs, also if nothing else is to do', async () => {
    const project = await ordersProject(postgres);
    const listed = async (...words: readonly string[]) => {
      const before = project.snapshot();
      const { document } = await project.result(words);
      const shown = await project.ok(...words);
      expect(project.snapshot()).toEqual(before);
      return [document.status, targetsOf(document), shown.split('\n').filter(line => line.includes('→'))];
    };
    const written = (table: string) => [
      'done',
      [[NODE, table, 'written', null]],
      [`  would be written: ${NODE} → postgresql ${table}: creates schema ${table.split('.')[0]}; creates the table`],
    ];
    expect(await listed('run', '--dry-run')).toEqual(written('analytics.orders'));
    expect(await listed('run', '--dry-run', '--no-materialize')).toEqual(['done', [], []]);
    await project.ok('run', '--no-materialize');
    expect(await listed('run', '--dry-run')).toEqual(written('analytics.orders'));
    const plan = await project.ok('plan');
    expect(plan).toBe(await project.ok('run', '--show-plan').then(text => `ℹ Planning production...\n\n${text}`));
    expect(plan).toContain(
      'ℹ No node moves; a run only writes the external targets that are behind.\n\n' +
        `    ${NODE}   reuse   unchanged\n      → postgresql analytics.orders`,
    );
    await project.ok('run');
    expect(await listed('run', '--dry-run')).toEqual(['nothing_to_do', [], []]);
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    await project.ok('env', 'plan', 'dev');
    expect(await listed('env', 'apply', 'dev', '--dry-run')).toEqual(written('dev_analytics.orders'));
    await project.ok('env', 'apply', 'dev', '--no-materialize');
    expect(await project.ok('env', 'plan', 'dev')).toContain(
      "ℹ Environment 'dev' already holds these changes; an apply only writes the external targets that are behind.\n",
    );
  });

  it('are disabled by --no-materialize in an environment too', async () => {
    const project = await ordersProject(postgres);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev', '--no-materialize');
    expect(await project.rows(TABLES)).toEqual([]);
    expect((await project.result(['env', 'apply', 'dev'])).document).toMatchObject({ status: 'done', serial: null });
    expect(await project.rows(TABLES)).toEqual([['dev_analytics.orders']]);
  });

  it('are written for reused, empty and selected nodes alike', async () => {
    const project = await shopProject(postgres);
    project.define('source.orders', 'id,amount\n1,10\n');
    project.define('transform.none', `${ORDERS_SQL} WHERE id > 1`, target('analytics.none'));
    project.define('transform.some', ORDERS_SQL, target('analytics.some'));
    const { document } = await project.result(['run', '--nodes', 'transform.none']);
    expect(targetsOf(document)).toEqual([['transform.none', 'analytics.none', 'written', 0]]);
    expect(await project.rows('SELECT * FROM analytics.none')).toEqual([]);
    expect(targetsOf((await project.result(['run'])).document)).toEqual([
      ['transform.some', 'analytics.some', 'written', 1],
    ]);
  });

  describe.each([
    ['mode: full', ['2,25', '4,40'], ['2,25', '4,40']],
    ['mode: overwrite', ['2,25', '4,40'], ['2,25', '4,40']],
    ['mode: append', ['2,25', '4,40'], ['1,10', '2,20', '2,25', '3,30', '4,40']],
    ['mode: upsert_by_key, unique_keys: [id]', ['2,25', '4,40'], ['1,10', '2,25', '3,30', '4,40']],
  ])('in %s', (mode, next, rows) => {
    it('hold what the mode says after new data, and gain an added column', async () => {
      const project = await ordersProject(postgres, 'analytics.orders', mode);
      await project.ok('run');
      project.write('data/orders.csv', `id,amount\n${next.join('\n')}\n`);
      expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, 'analytics.orders', 'written', 2]]);
      const found = await project.rows(AMOUNTS('analytics.orders'));
      expect(found).toEqual(rows.map(row => row.split(',')));

      project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', "SELECT 'x' AS note, id, amount");
      await project.ok('run');
      const columns = await project.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'analytics' ORDER BY ordinal_position",
      );
      expect(columns.filter(([name]) => ['id', 'amount', 'note'].includes(name ?? ''))).toContainEqual(['note']);
      expect(await project.rows('SELECT DISTINCT id FROM analytics.orders WHERE note = $$x$$ ORDER BY 1')).toEqual([
        ['2'],
        ['4'],
      ]);
    });
  });

  it('of mode incremental_by_time keep rows outside the incoming period', async () => {
    const project = await shopProject(postgres);
    const days = (...rows: readonly string[]) => `id,day\n${rows.join('\n')}\n`;
    project.define('source.days', days('1,2026-01-01', '2,2026-01-05', '3,2026-01-06'));
    const mode = 'mode: incremental_by_time, time_column: day, lookback: 1d';
    project.define('transform.daily', "SELECT id, day FROM ref('source.days')", target('analytics.daily', mode));
    await project.ok('run');
    project.write('data/days.csv', days('20,2026-01-05', '30,2026-01-06', '40,2026-01-07'));
    await project.ok('run');
    expect(await project.rows('SELECT id FROM analytics.daily ORDER BY 1')).toEqual([['1'], ['20'], ['30'], ['40']]);
  });
});
