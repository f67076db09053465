import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, ORDERS_SQL, ordersProject, type ShopProject, statusesOf, target, targetsOf } from './shop.ts';

const NODE = 'transform.orders_clean';
const TABLE = 'analytics.orders';
const WAITING = 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted';
const total = async (project: ShopProject, table = TABLE) =>
  (await project.rows(`SELECT count(*), sum(amount) FROM ${table}`))[0];

/** Another project with the same nodes and the same database. */
async function neighbour(postgres: TestPostgres, { database }: ShopProject): Promise<ShopProject> {
  const project = await ordersProject(postgres);
  project.connect({ database });
  return project;
}

describePostgres('a target that somebody else uses', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('is refused for another project, in production and in an environment', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    const other = await neighbour(postgres, project);
    const refused = await other.result(['run']);
    expect([refused.code, mistakesOf(refused.document).map(([code, message]) => [code, message])]).toEqual([
      1,
      [
        [
          'target-not-ours',
          `${NODE} → postgresql ${TABLE}: Table ${TABLE} exists and was not written by this project (3 rows, owner postgres).`,
        ],
      ],
    ]);
    const inDev = await other.result(['env', 'plan', 'dev']);
    expect([inDev.code, mistakesOf(inDev.document).map(([code, message]) => [code, message])]).toEqual([
      1,
      [
        [
          'schema-not-ours',
          `${NODE} → postgresql dev_${TABLE}: Schema dev_analytics belongs to environment 'dev' of another project.`,
        ],
      ],
    ]);
    expect((await other.result(['env', 'delete', 'dev', '--drop-schemas', '--yes'])).code).toBe(1);
    expect(await total(project, `dev_${TABLE}`)).toEqual(['3', '60']);
  });

  it('fails while its table is locked, and names who holds it; the others are written', async () => {
    const project = await ordersProject(postgres);
    project.define(NODE, ORDERS_SQL, target(TABLE), target('analytics.free'));
    project.connect({ lock_timeout: 1 });
    await project.ok('run');
    project.append('data/orders.csv', '4,40\n');
    const release = await project.holding(`SET application_name = 'report'; BEGIN; LOCK TABLE ${TABLE} IN SHARE MODE`);
    const { code, document } = await project.result(['run']);
    expect([code, statusesOf(document)[NODE], targetsOf(document)]).toEqual([
      1,
      'failed',
      [
        [NODE, TABLE, 'failed', null],
        [NODE, 'analytics.free', 'written', 4],
      ],
    ]);
    const [[mistake, message] = []] = mistakesOf(document);
    expect(mistake).toBe('target-locked');
    expect(message).toMatch(/pid \d+.*postgres.*report|postgres.*report.*\d+/);
    expect(await total(project)).toEqual(['3', '60']);
    await release();
    expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, TABLE, 'written', 4]]);
  });

  it('is left as it was by an interrupted run, and written by the next', async () => {
    const project = await ordersProject(postgres, TABLE, 'mode: append');
    await project.ok('run');
    project.append('data/orders.csv', '4,40\n');
    const release = await project.holding(`BEGIN; LOCK TABLE ${TABLE} IN SHARE MODE`);
    const child = project.spawnKillable(['run']);
    await expect.poll(() => project.rows(WAITING), { timeout: 60_000 }).toEqual([['t']]);
    expect(await child.kill('SIGINT')).toBe(130);
    await release();
    expect(await total(project)).toEqual(['3', '60']);
    expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, TABLE, 'written', 4]]);
    expect(await total(project)).toEqual(['7', '160']);
    expect(await project.rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_seeknal%'")).toEqual([]);
  });

  it('is no target any more when it became a view', async () => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    await project.rows(`DROP TABLE ${TABLE}; CREATE VIEW ${TABLE} AS SELECT 1 AS id, 2 AS amount`);
    project.append('data/orders.csv', '4,40\n');
    const { code, document } = await project.result(['run']);
    expect([code, mistakesOf(document)]).toEqual([
      1,
      [
        [
          'target-kind',
          `${NODE} → postgresql ${TABLE}: ${TABLE} is a view, which cannot be a target.`,
          'Name an ordinary table, or one that does not exist yet.',
        ],
      ],
    ]);
  });

  describe.each([
    [
      'mode: full',
      'a trigger on DELETE',
      'CREATE TRIGGER seen AFTER DELETE ON analytics.orders EXECUTE FUNCTION seen()',
    ],
    [
      'mode: append',
      'a trigger on INSERT',
      'CREATE TRIGGER seen AFTER INSERT ON analytics.orders EXECUTE FUNCTION seen()',
    ],
    [
      'mode: full',
      'a foreign key',
      'ALTER TABLE analytics.orders ADD UNIQUE (id); CREATE TABLE public.lines(id bigint REFERENCES analytics.orders(id))',
    ],
  ])('in %s with %s', (mode, what, sql) => {
    it('is refused at plan in words', async () => {
      const project = await ordersProject(postgres, TABLE, mode);
      await project.ok('run');
      await project.rows(
        `CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; ${sql}`,
      );
      project.append('data/orders.csv', '4,40\n');
      const { code, document } = await project.result(['plan']);
      const word = what.includes('trigger') ? 'trigger' : 'foreign key';
      expect([code, mistakesOf(document)]).toEqual([
        1,
        [[expect.any(String), expect.stringContaining(word), expect.any(String)]],
      ]);
      expect(await total(project)).toEqual(['3', '60']);
    });
  });
});
