import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, type ShopProject, shopProject, statusesOf, target } from './shop.ts';

const SUM = "SELECT sum(amount)::BIGINT AS total FROM ref('source.orders')";
const NODES = ['source.orders', 'transform.total'];

/** `source.orders` reads `sales.orders`, and `transform.total` sums it up. */
async function salesProject(postgres: TestPostgres, more = ''): Promise<ShopProject> {
  const project = await shopProject(postgres);
  await project.rows(`
    CREATE SCHEMA sales;
    CREATE TABLE sales.orders(id bigint, amount bigint, updated_at timestamp);
    INSERT INTO sales.orders VALUES (1, 10, '2026-01-01'), (2, 20, '2026-01-02'), (3, 30, '2026-01-03')`);
  project.defineSource('orders', `table: sales.orders\n${more}`);
  project.define('transform.total', SUM);
  return project;
}

const statuses = async (project: ShopProject, ...words: readonly string[]) => {
  const { document } = await project.result(['run', ...words]);
  return [document.status, ...NODES.map(id => statusesOf(document)[id])];
};
const total = async (project: ShopProject, environment?: string) =>
  (await project.query('SELECT total FROM transform_total', environment))[0]?.['total'];

describePostgres('a source in PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('is read by each run, and equal content rebuilds nothing', async () => {
    const project = await salesProject(postgres);
    expect(await statuses(project)).toEqual(['done', 'executed', 'executed']);
    expect(await statuses(project)).toEqual(['nothing_to_do', 'reused', 'reused']);
    await project.rows('UPDATE sales.orders SET amount = amount');
    await project.rows('VACUUM FULL sales.orders');
    const again = await project.result(['run']);
    expect([again.document.serial, statusesOf(again.document)['transform.total']]).toEqual([null, 'reused']);
    await project.rows('UPDATE sales.orders SET amount = 40 WHERE id = 3');
    expect(await statuses(project)).toEqual(['done', 'executed', 'executed']);
    expect(await total(project)).toBe(70);
  });

  it('rebuilds only consumers of the columns that differ', async () => {
    const project = await salesProject(postgres);
    await project.ok('run');
    await project.rows("UPDATE sales.orders SET updated_at = '2026-02-02'");
    expect(await statuses(project)).toEqual(['done', 'executed', 'reused']);
  });

  it('is seen at the same moment as the other sources of a run', async () => {
    const project = await shopProject(postgres);
    await project.rows('CREATE TABLE a AS SELECT 100 AS amount; CREATE TABLE b AS SELECT 0 AS amount');
    const slow = 'SELECT amount, pg_advisory_xact_lock_shared(7)::text AS waited FROM a';
    project.defineSource('a', `params: { connection: shop, query: "${slow}" }\n`);
    project.edit('seeknal/a.yml', 'params: { connection: shop }\n', '');
    project.defineSource('b', 'table: public.b\n');
    project.define('transform.sum', "SELECT a.amount + b.amount AS total FROM ref('source.a') a, ref('source.b') b");
    const release = await project.holding('SELECT pg_advisory_lock(7)');
    const running = project.ok('run');
    const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await expect.poll(() => project.rows(waiting), { timeout: 60_000 }).toEqual([['1']]);
    await project.rows('BEGIN; UPDATE a SET amount = 0; UPDATE b SET amount = 100; COMMIT');
    await release();
    await running;
    expect(await project.query('SELECT total FROM transform_sum')).toEqual([{ total: 100 }]);
    expect(await project.query('SELECT amount FROM source_b')).toEqual([{ amount: 0 }]);
  });

  it('is read incrementally if it says so, and whole with --full', async () => {
    const project = await salesProject(postgres, 'incremental: { time_column: updated_at, key: id, lookback: 0d }\n');
    await project.ok('run');
    await project.rows(`
      INSERT INTO sales.orders VALUES (4, 40, '2026-01-04');
      UPDATE sales.orders SET amount = 33, updated_at = '2026-01-05' WHERE id = 3;
      UPDATE sales.orders SET amount = 11 WHERE id = 1;
      DELETE FROM sales.orders WHERE id = 2`);
    await project.ok('run');
    expect(await project.query('SELECT id, amount FROM source_orders ORDER BY id')).toEqual([
      { id: 1, amount: 10 },
      { id: 2, amount: 20 },
      { id: 3, amount: 33 },
      { id: 4, amount: 40 },
    ]);
    await project.ok('run', '--full');
    expect(await total(project)).toBe(11 + 33 + 40);
  });

  it('that is stale warns, or fails and leaves production as it was', async () => {
    const project = await salesProject(postgres, 'freshness: { time_column: updated_at, warn_after: 1d }\n');
    await project.rows("UPDATE sales.orders SET updated_at = localtimestamp - interval '3 days'");
    const warned = await project.result(['run']);
    const message = expect.stringMatching(
      /source\.orders is not fresh: the newest 'updated_at' is .+, 3 days .*ago \((?:warn|error)_after: 1 day\)\./,
    );
    expect([warned.code, warned.document.status]).toEqual([0, 'done']);
    expect(mistakesOf(warned.document)).toEqual([['source-warning', message, null]]);
    expect((await project.run(['run', '--full'])).stderr).toEqual(message);
    project.edit('seeknal/orders.yml', 'warn_after', 'error_after');
    await project.rows('UPDATE sales.orders SET amount = 99');
    const failed = await project.result(['run']);
    expect([failed.code, statusesOf(failed.document), mistakesOf(failed.document)]).toEqual([
      1,
      { 'source.orders': 'failed', 'transform.total': 'skipped' },
      [
        [
          'source-stale',
          message,
          'Load newer rows into the table, or raise `freshness.error_after` in seeknal/orders.yml.',
        ],
      ],
    ]);
    expect(await total(project)).toBe(60);
    await project.rows('UPDATE sales.orders SET updated_at = localtimestamp');
    await project.ok('run');
    expect(await total(project)).toBe(297);
  });

  it.each([
    ['NaN', 'numeric(8,2)', 'DECIMAL(8,2)'],
    ['Infinity', 'numeric', 'DECIMAL(38,9)'],
    [`1${'0'.repeat(30)}`, 'numeric', 'DECIMAL(38,9)'],
    ['{{1,2},{3,4}}', 'integer[]', 'INTEGER[]'],
    ['294260-01-01 00:00:00', 'timestamp without time zone', 'TIMESTAMP'],
    ['-1 days', 'interval', 'INTERVAL'],
  ])('with %s in %s, which cannot be held, fails and production stays', async (value, type, held) => {
    const project = await salesProject(postgres);
    await project.rows(`ALTER TABLE sales.orders ADD extra ${type}`);
    await project.ok('run');
    await project.rows(`UPDATE sales.orders SET amount = 7, extra = '${value}' WHERE id = 2`);
    const { code, document } = await project.result(['run']);
    expect([code, statusesOf(document), await total(project)]).toEqual([
      1,
      { 'source.orders': 'failed', 'transform.total': 'skipped' },
      60,
    ]);
    expect(mistakesOf(document)).toEqual([
      [
        expect.any(String),
        `source.orders cannot be read: column 'extra' (${type}) contains ${value}, which ${held} cannot hold.`,
        expect.stringMatching(
          /^Declare the column as .+ under `schema`, or cast it in `params\.query`: "extra"::text\.$/,
        ),
      ],
    ]);
    expect(await project.query('SELECT count(extra) AS n FROM source_orders')).toEqual([{ n: 0 }]);
  });

  it('whose column is gone fails, and names it', async () => {
    const project = await salesProject(postgres);
    await project.ok('run');
    await project.rows('ALTER TABLE sales.orders RENAME updated_at TO changed_at');
    const { code, document } = await project.result(['run']);
    expect([code, statusesOf(document)]).toEqual([1, { 'source.orders': 'failed', 'transform.total': 'skipped' }]);
    expect(mistakesOf(document)[0]?.[1]).toContain('updated_at');
  });

  describe('of an environment with another server', () => {
    const twoServers = async () => {
      const project = await salesProject(postgres);
      await project.ok('run');
      const elsewhere = await postgres.createDatabase();
      await postgres.rows(
        "CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT 1::bigint AS id, 5::bigint AS amount, timestamp '2026-01-01' AS updated_at",
        elsewhere,
      );
      project.connect({ database: elsewhere }, 'profiles-dev.yml');
      return { project, elsewhere };
    };

    it('is pinned: profile differences alone change nothing', async () => {
      const { project, elsewhere } = await twoServers();
      const { document } = await project.result(['env', 'plan', 'dev']);
      expect(document['changed']).toBe(false);
      await project.ok('env', 'apply', 'dev');
      expect(await total(project, 'dev')).toBe(60);
      for (const file of ['target/manifest.json', 'target/environments/dev/manifest.json'])
        expect(project.read(file)).not.toContain(elsewhere);
    });

    it('is read by --refresh, but never promoted; --rebase reads it again from production', async () => {
      const { project } = await twoServers();
      project.edit('seeknal/total.yml', 'AS total', 'AS total, count(*) AS orders');
      await project.ok('env', 'plan', 'dev', '--refresh');
      await project.ok('env', 'apply', 'dev');
      expect(await total(project, 'dev')).toBe(5);
      const before = project.snapshot();
      const refused = await project.result(['env', 'promote', 'dev', '--yes']);
      expect([refused.code, mistakesOf(refused.document).length]).toEqual([1, 1]);
      const [[, message, hint] = []] = mistakesOf(refused.document);
      expect([message, hint]).toEqual([expect.stringContaining('source.orders'), expect.stringContaining('--rebase')]);
      expect(project.snapshot()).toEqual(before);
      await project.ok('env', 'promote', 'dev', '--yes', '--rebase');
      expect(await project.query('SELECT total, orders FROM transform_total')).toEqual([{ total: 60, orders: 3 }]);
    });

    it('is refused through another environment too, and --rebase helps also where the data is equal', async () => {
      const { project, elsewhere } = await twoServers();
      await postgres.rows('TRUNCATE sales.orders', elsewhere);
      const rows = "(1, 10, timestamp '2026-01-01'), (2, 20, '2026-01-02'), (3, 30, '2026-01-03')";
      await postgres.rows(`INSERT INTO sales.orders VALUES ${rows}`, elsewhere);
      project.edit('seeknal/total.yml', 'AS total', 'AS total, count(*) AS orders');
      await project.ok('env', 'plan', 'dev', '--refresh');
      await project.ok('env', 'apply', 'dev');
      await project.ok('env', 'promote', 'dev', 'staging', '--yes');
      for (const environment of ['dev', 'staging']) {
        const { code, document } = await project.result(['env', 'promote', environment, '--yes']);
        expect([code, mistakesOf(document)[0]?.[0]]).toEqual([1, 'other-endpoint']);
      }
      await project.ok('env', 'promote', 'staging', '--yes', '--rebase');
      expect(await project.query('SELECT total, orders FROM transform_total')).toEqual([{ total: 60, orders: 3 }]);
    });

    it('keeps its targets there, and production writes its own', async () => {
      const { project, elsewhere } = await twoServers();
      project.define('transform.total', `${SUM} WHERE id < 3`, target('analytics.total'));
      await project.ok('env', 'plan', 'dev');
      await project.ok('env', 'apply', 'dev');
      expect(await postgres.rows('SELECT total FROM dev_analytics.total', elsewhere)).toEqual([['30']]);
      await project.ok('env', 'promote', 'dev', '--yes', '--rematerialize');
      expect(await project.rows('SELECT total FROM analytics.total')).toEqual([['30']]);
    });
  });
});
