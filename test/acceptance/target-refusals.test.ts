import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import {
  mistakesOf,
  ORDERS,
  ORDERS_SQL,
  ordersProject,
  type ShopProject,
  shopProject,
  target,
  targetsOf,
} from './shop.ts';

const NODE = 'transform.orders_clean';
const REFUSED = `${NODE} → postgresql`;

/** Fails a command; returns the mistakes it lists. */
async function refusal(project: ShopProject, ...words: readonly string[]) {
  const before = project.snapshot();
  const { code, document } = await project.result(words);
  expect([code, document['format']]).toEqual([1, 'seeknal.error']);
  expect(project.snapshot()).toEqual(before);
  return mistakesOf(document);
}

const codesOf = async (project: ShopProject, ...words: readonly string[]) =>
  (await refusal(project, ...words)).map(([code]) => code);

describePostgres('a target that is refused at plan', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  describe('because of a table that another tool wrote', () => {
    const theirs = async (more = ''): Promise<ShopProject> => {
      const project = await ordersProject(postgres, 'analytics.orders', more);
      await project.rows('CREATE SCHEMA analytics; CREATE TABLE analytics.orders(id bigint, amount bigint)');
      await project.rows('INSERT INTO analytics.orders VALUES (7, 70), (8, 80)');
      return project;
    };
    const MESSAGE = `${REFUSED} analytics.orders: Table analytics.orders exists and was not written by this project (2 rows, owner postgres).`;
    const HINT = 'Pass --adopt to let this project write it, or set `create_table: false` in the target.';
    const rowsOf = (project: ShopProject) => project.rows('SELECT id FROM analytics.orders ORDER BY 1');

    it('is taken over by --adopt, once and remembered', async () => {
      const project = await theirs();
      for (const words of [['plan'], ['run'], ['run', '--dry-run']])
        expect(await refusal(project, ...words)).toEqual([['target-not-ours', MESSAGE, HINT]]);
      expect(await rowsOf(project)).toEqual([['7'], ['8']]);
      expect(targetsOf((await project.result(['run', '--adopt'])).document)).toEqual([
        [NODE, 'analytics.orders', 'written', 3],
      ]);
      expect(await rowsOf(project)).toEqual([['1'], ['2'], ['3']]);
      project.append('data/orders.csv', '4,40\n');
      expect((await project.result(['run'])).code).toBe(0);
      expect(await rowsOf(project)).toHaveLength(4);
    });

    it('is written if create_table: false says that it is meant', async () => {
      const project = await theirs('create_table: false');
      await project.ok('run');
      expect(await rowsOf(project)).toEqual([['1'], ['2'], ['3']]);
    });

    it('is written if it is empty', async () => {
      const project = await theirs();
      await project.rows('DELETE FROM analytics.orders');
      await project.ok('run');
      expect(await rowsOf(project)).toEqual([['1'], ['2'], ['3']]);
    });

    it('is not ours again after it was recreated by hand', async () => {
      const project = await ordersProject(postgres);
      await project.ok('run');
      await project.rows('CREATE TABLE analytics.other AS SELECT * FROM analytics.orders; DROP TABLE analytics.orders');
      await project.rows('ALTER TABLE analytics.other RENAME TO orders');
      project.append('data/orders.csv', '4,40\n');
      expect(await codesOf(project, 'run')).toEqual(['target-not-ours']);
    });

    it('is refused in an environment, where plan decides with --adopt', async () => {
      const project = await ordersProject(postgres);
      await project.rows('CREATE SCHEMA dev_analytics; CREATE TABLE dev_analytics.orders AS SELECT 1::bigint AS id');
      expect(await codesOf(project, 'env', 'plan', 'dev')).toEqual(['schema-not-ours']);
      await project.rows('ALTER TABLE dev_analytics.orders ADD amount bigint');
      await project.ok('env', 'plan', 'dev', '--adopt');
      await project.ok('env', 'apply', 'dev');
      expect(await project.rows('SELECT count(*) FROM dev_analytics.orders')).toEqual([['3']]);
    });

    it('stops promote --rematerialize before production moves', async () => {
      const project = await theirs();
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      expect(await codesOf(project, 'env', 'promote', 'dev', '--rematerialize', '--yes')).toEqual(['target-not-ours']);
      expect(await rowsOf(project)).toEqual([['7'], ['8']]);
      await project.ok('env', 'promote', 'dev', '--rematerialize', '--yes', '--adopt');
      expect(await rowsOf(project)).toEqual([['1'], ['2'], ['3']]);
    });
  });

  it('misses a table that create_table: false demands', async () => {
    const project = await ordersProject(postgres, 'analytics.orders', 'create_table: false');
    expect(await refusal(project, 'run')).toEqual([
      [
        'target-missing',
        `${REFUSED} analytics.orders: Table analytics.orders does not exist.`,
        'Create the table, or remove `create_table: false`.',
      ],
    ]);
  });

  it.each([
    ['lacks a column of the table', "SELECT id FROM ref('source.orders')", 'amount'],
    ['retypes a column', "SELECT id, amount::VARCHAR AS amount FROM ref('source.orders')", 'amount'],
  ])('%s, unless cascade recreates it', async (_, sql, column) => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.define(NODE, sql, target('analytics.orders'));
    const found = await refusal(project, 'run');
    expect(found).toEqual([
      ['target-columns', expect.stringContaining(`'${column}'`), expect.stringContaining('`cascade: true`')],
    ]);
    await project.rows('CREATE VIEW public.total AS SELECT sum(id) FROM analytics.orders');
    project.define(NODE, sql, target('analytics.orders', 'cascade: true'));
    await project.ok('run');
    expect(await project.rows('SELECT count(*) FROM analytics.orders')).toEqual([['3']]);
  });

  it('meets the table of another environment or of production', async () => {
    const project = await ordersProject(postgres, 'a_b.orders');
    project.define('transform.other', ORDERS_SQL, target('b.orders'));
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    const [met] = await refusal(project, 'env', 'plan', 'dev_a');
    expect(met).toEqual([
      'schema-not-ours',
      "transform.other → postgresql dev_a_b.orders: Schema dev_a_b belongs to environment 'dev'.",
      "Pass --adopt to 'env plan' or 'env promote' to use the schema, or choose another one.",
    ]);
    const named = await ordersProject(postgres, 'analytics.orders');
    named.define('transform.other', ORDERS_SQL, target('dev_analytics.orders'));
    const collision = 'target-collision';
    const hint = 'Give one of them another table, or another connection.';
    expect(await refusal(named, 'env', 'plan', 'dev')).toEqual([
      [
        collision,
        `${REFUSED} dev_analytics.orders: transform.other → postgresql dev_analytics.orders writes the same table.`,
        hint,
      ],
    ]);
    named.define('transform.other', ORDERS_SQL, target('analytics.orders'));
    expect(await codesOf(named, 'run')).toContain(collision);
  });

  it('has a schema that production made under the prefixed name', async () => {
    const project = await ordersProject(postgres, 'analytics.orders');
    project.define('transform.other', ORDERS_SQL, target('dev_analytics.other'));
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    expect(await refusal(project, 'env', 'plan', 'dev')).toEqual([
      [
        'schema-not-ours',
        `${REFUSED} dev_analytics.orders: Schema dev_analytics was not created by this environment.`,
        "Pass --adopt to 'env plan' or 'env promote' to use the schema, or choose another one.",
      ],
    ]);
  });

  it.each([
    [`${'s'.repeat(59)}.orders`, `dev_${'s'.repeat(59)}.orders`, null],
    [`${'s'.repeat(60)}.orders`, null, `dev_${'s'.repeat(60)}`],
    [`"${'é'.repeat(30)}".orders`, null, `dev_${'é'.repeat(30)}`],
  ])('has a name that PostgreSQL would cut: %s', async (table, physical, long) => {
    const project = await ordersProject(postgres, JSON.stringify(table));
    if (long === null) {
      await project.ok('env', 'plan', 'dev');
      expect(targetsOf((await project.result(['env', 'apply', 'dev'])).document)[0]?.[1]).toBe(physical);
      return;
    }
    const bytes = Buffer.byteLength(long);
    const message = `'${long}' has ${bytes} bytes; PostgreSQL cuts names after 63 bytes.`;
    expect(await refusal(project, 'env', 'plan', 'dev')).toEqual([
      ['name-too-long', `${REFUSED} ${table}: ${message}`, 'Choose a shorter name.'],
    ]);
    await project.ok('run');
  });

  it('names a connection that the profile does not have', async () => {
    const project = await shopProject(postgres);
    project.define('source.orders', ORDERS);
    const other = target('analytics.orders').replace('connection: shop', 'connection: shp');
    project.define(NODE, ORDERS_SQL, other);
    for (const words of [['run'], ['env', 'plan', 'dev']]) {
      expect(await refusal(project, ...words)).toEqual([
        [
          'unknown-connection',
          `${REFUSED} analytics.orders: Connection 'shp' is not defined in profiles.yml. Available: shop.`,
          "Did you mean 'shop'?",
        ],
      ]);
    }
  });
});
