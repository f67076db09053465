import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, ORDERS_SQL, ordersProject, type ShopProject, target } from './shop.ts';

const NODE = 'transform.orders_clean';
const DROP = ['env', 'delete', 'dev', '--drop-schemas'] as const;
const SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_|public)' ORDER BY 1";
const schemasOf = async (project: ShopProject) => (await project.rows(SCHEMAS)).flat();

/** Production and `dev`, each with a table in `analytics` and in `marts`. */
async function inDev(postgres: TestPostgres): Promise<ShopProject> {
  const project = await ordersProject(postgres);
  project.define(NODE, ORDERS_SQL, target('analytics.orders'), target('marts.orders', 'mode: append'));
  await project.ok('run');
  project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
  await apply(project, 'dev');
  return project;
}

async function apply(project: ShopProject, environment: string): Promise<void> {
  await project.ok('env', 'plan', environment);
  await project.ok('env', 'apply', environment);
}

/** Makes an environment look unused for eight days. */
function expire(project: ShopProject, environment = 'dev'): void {
  const path = `target/environments/${environment}/env_config.json`;
  const last_used_at = new Date(Date.now() - 8 * 86_400_000).toISOString();
  project.write(path, JSON.stringify({ ...project.json(path), last_used_at }));
}

describePostgres('the schemas that an environment made', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('stay when it is deleted, are listed as left, and can be dropped later', async () => {
    const project = await inDev(postgres);
    const deleted = await project.result(['env', 'delete', 'dev', '--yes']);
    const left = ['dev_analytics', 'dev_marts'].map(name => ({ endpoint: project.endpoint, name }));
    expect(deleted.document).toMatchObject({ deleted: true, schemas_dropped: [], schemas_left: left });
    expect(await schemasOf(project)).toEqual(['analytics', 'dev_analytics', 'dev_marts', 'marts']);
    const later = await project.result([...DROP, '--yes']);
    expect(later.document).toMatchObject({ schemas_dropped: left, schemas_left: [] });
    expect(await schemasOf(project)).toEqual(['analytics', 'marts']);
    expect((await project.result([...DROP, '--yes'])).code).toBe(1);
  });

  it('are listed, then dropped with --drop-schemas, after a confirmation', async () => {
    const project = await inDev(postgres);
    const list =
      'Schemas to drop, with everything in them:\n' +
      `  dev_analytics on ${project.endpoint}\n    table dev_analytics.orders\n` +
      `  dev_marts on ${project.endpoint}\n    table dev_marts.orders\n    table dev_marts.seeknal_ledger\n`;
    const asked = await project.run(DROP);
    expect([asked.code, asked.stdout]).toEqual([1, list]);
    expect(asked.stderr).toContain("'env delete dev' needs confirmation; pass --yes.");
    expect(await schemasOf(project)).toHaveLength(4);
    expect(await project.ok(...DROP, '--yes')).toBe(
      `${list}  dropped: schema dev_analytics on ${project.endpoint}\n` +
        `  dropped: schema dev_marts on ${project.endpoint}\n✓ Environment 'dev' deleted.\n`,
    );
    expect(await schemasOf(project)).toEqual(['analytics', 'marts']);
  });

  it('are dropped alone: never those of others, of production or adopted ones', async () => {
    const project = await ordersProject(postgres);
    project.define(NODE, ORDERS_SQL, target('analytics.orders'), target('marts.orders'));
    await project.ok('run');
    await project.rows('CREATE SCHEMA dev_marts; CREATE SCHEMA dev_theirs; CREATE TABLE dev_theirs.t()');
    project.edit('seeknal/orders_clean.yml', 'SELECT id', 'SELECT id + 1 AS id');
    await apply(project, 'dev2');
    await project.ok('env', 'plan', 'dev', '--adopt');
    await project.ok('env', 'apply', 'dev');
    const { document } = await project.result([...DROP, '--yes']);
    expect(document).toMatchObject({
      schemas_dropped: [{ name: 'dev_analytics' }],
      schemas_left: [{ name: 'dev_marts' }],
    });
    expect(await schemasOf(project)).toEqual([
      'analytics',
      'dev2_analytics',
      'dev2_marts',
      'dev_marts',
      'dev_theirs',
      'marts',
    ]);
  });

  it('are not dropped, and the environment stays, if something outside depends on one', async () => {
    const project = await inDev(postgres);
    await project.rows('CREATE VIEW public.mine AS SELECT id FROM dev_analytics.orders');
    const before = project.snapshot();
    const { code, document } = await project.result([...DROP, '--yes']);
    expect([code, mistakesOf(document)]).toEqual([
      1,
      [
        [
          'schema-in-use',
          'Objects outside depend on schemas that would be dropped: dev_analytics is used by view public.mine.',
          'Drop those objects first, or leave out --drop-schemas.',
        ],
      ],
    ]);
    expect(project.snapshot()).toEqual(before);
    expect(await schemasOf(project)).toHaveLength(4);
    await project.rows('DROP VIEW public.mine');
    await project.ok(...DROP, '--yes');
  });

  it('may hold views of their own, which go along', async () => {
    const project = await inDev(postgres);
    await project.rows('CREATE VIEW dev_marts.top AS SELECT id FROM dev_analytics.orders');
    expect(await project.ok(...DROP, '--yes')).toContain('    view dev_marts.top\n');
    expect(await schemasOf(project)).toEqual(['analytics', 'marts']);
  });

  it('are made again when the environment is applied again', async () => {
    const project = await inDev(postgres);
    await project.ok(...DROP, '--yes');
    await apply(project, 'dev');
    expect(await project.rows('SELECT count(*) FROM dev_analytics.orders')).toEqual([['3']]);
    expect(await project.rows('SELECT count(*) FROM dev_marts.orders')).toEqual([['3']]);
  });

  describe('of an expired environment', () => {
    const left = (name: string) => ({ environment: 'dev', type: 'postgresql', connection: 'shop', name });

    it('are listed by cleanup as left', async () => {
      const project = await inDev(postgres);
      await apply(project, 'fresh');
      expire(project);
      const { document } = await project.result(['cleanup', '--yes']);
      expect(document).toMatchObject({
        environments: ['dev'],
        schemas_dropped: [],
        schemas_left: [left('dev_analytics'), left('dev_marts')],
      });
      expect(await schemasOf(project)).toHaveLength(6);
      await project.ok(...DROP, '--yes');
      expect(await schemasOf(project)).toEqual(['analytics', 'fresh_analytics', 'fresh_marts', 'marts']);
    });

    it('are dropped by cleanup --drop-schemas; a dry run lists them', async () => {
      const project = await inDev(postgres);
      await apply(project, 'fresh');
      expire(project);
      const words = ['cleanup', '--drop-schemas'];
      const dry = await project.result([...words, '--dry-run']);
      const dropped = [left('dev_analytics'), left('dev_marts')];
      expect(dry.document).toMatchObject({ dry_run: true, schemas_dropped: dropped, schemas_left: [] });
      expect(await schemasOf(project)).toHaveLength(6);
      const shown = await project.run(words);
      expect([shown.code, shown.stdout]).toEqual([
        1,
        expect.stringContaining(`  schema dev_analytics on ${project.endpoint}\n`),
      ]);
      const done = await project.result([...words, '--yes']);
      expect(done.document).toMatchObject({ environments: ['dev'], schemas_dropped: dropped, schemas_left: [] });
      expect(await schemasOf(project)).toEqual(['analytics', 'fresh_analytics', 'fresh_marts', 'marts']);
    });

    it('are kept, with the environment, if something outside depends on one', async () => {
      const project = await inDev(postgres);
      await project.rows('CREATE VIEW public.mine AS SELECT id FROM dev_analytics.orders');
      expire(project);
      const { code, document } = await project.result(['cleanup', '--drop-schemas', '--yes']);
      expect([code, mistakesOf(document)[0]?.[0]]).toEqual([1, 'schema-in-use']);
      expect(project.exists('target/environments/dev/plan.json')).toBe(true);
      expect(await schemasOf(project)).toHaveLength(4);
    });
  });

  it('are dropped once if two connections lead to them, and only on the server that the profile names', async () => {
    const project = await ordersProject(postgres);
    const shop = {
      type: 'postgresql',
      host: '127.0.0.1',
      port: postgres.port,
      database: project.database,
      user: 'postgres',
    };
    const connect = (database: string, file: string) =>
      project.write(
        file,
        JSON.stringify({ connections: { shop: { ...shop, database }, other: { ...shop, database } } }),
      );
    connect(project.database, 'profiles.yml');
    const other = target('marts.orders').replace('connection: shop', 'connection: other');
    project.define(NODE, ORDERS_SQL, target('analytics.orders'), other);
    await apply(project, 'dev');
    const elsewhere = await postgres.createDatabase();
    connect(elsewhere, 'elsewhere.yml');
    await project.ok('env', 'plan', 'dev', '--profile', 'elsewhere.yml');
    await project.ok('env', 'apply', 'dev');
    const { document } = await project.result([...DROP, '--yes', '--profile', 'profiles.yml']);
    const schemas = (endpoint: string) => ['dev_analytics', 'dev_marts'].map(name => ({ endpoint, name }));
    expect(document).toMatchObject({
      schemas_dropped: schemas(project.endpoint),
      schemas_left: schemas(project.endpoint.replace(project.database, elsewhere)),
    });
    expect(await schemasOf(project)).toEqual([]);
    expect((await postgres.rows(SCHEMAS, elsewhere)).flat()).toEqual(['dev_analytics', 'dev_marts']);
  });
});
