import { beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { ordersProject, type ShopProject, statusesOf, target, targetsOf } from './shop.ts';

const NODE = 'transform.orders_clean';
const PROMOTE = ['env', 'promote', 'dev', '--yes'] as const;
const REMATERIALIZE = [...PROMOTE, '--rematerialize'] as const;

/** Production with one target, and an applied change of it in `dev`. */
async function changedInDev(postgres: TestPostgres, mode = ''): Promise<ShopProject> {
  const project = await ordersProject(postgres, 'analytics.orders', mode);
  await project.ok('run');
  await applyTenfold(project);
  return project;
}

async function applyTenfold(project: ShopProject): Promise<void> {
  project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
}

const total = async (project: ShopProject, table = 'analytics.orders') =>
  (await project.rows(`SELECT count(*), sum(amount) FROM ${table}`))[0];

describePostgres('the promotion of a node with a target', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('writes nothing without --rematerialize and says what is behind; run brings it up', async () => {
    const project = await changedInDev(postgres);
    const said = await project.ok(...PROMOTE);
    expect(said).toContain(
      `  behind: ${NODE} → postgresql analytics.orders\n` +
        "ℹ 1 target behind; 'seeknal env promote dev --rematerialize' writes it.\n",
    );
    expect(await total(project)).toEqual(['3', '60']);
    const { document } = await project.result(['run']);
    expect([document.status, document.serial, statusesOf(document), targetsOf(document)]).toEqual([
      'done',
      null,
      { 'source.orders': 'reused', [NODE]: 'reused' },
      [[NODE, 'analytics.orders', 'written', 3]],
    ]);
    expect(await total(project)).toEqual(['3', '600']);
    expect((await project.result(['run'])).document.status).toBe('nothing_to_do');
    expect(await project.ok('env', 'plan', 'dev')).toContain('✓ No changes detected.');
  });

  it('writes production names with --rematerialize, and nothing when repeated', async () => {
    const project = await changedInDev(postgres);
    const first = await project.result(REMATERIALIZE);
    expect([first.code, first.document.status, targetsOf(first.document)]).toEqual([
      0,
      'done',
      [[NODE, 'analytics.orders', 'written', 3]],
    ]);
    expect(await total(project)).toEqual(['3', '600']);
    const again = await project.result(REMATERIALIZE);
    expect([again.code, again.document.status, targetsOf(again.document)]).toEqual([0, 'nothing_to_do', []]);
    expect((await project.result(['run'])).document.status).toBe('nothing_to_do');
  });

  it('comes from the promoted artefact, not from the files on disk', async () => {
    const project = await changedInDev(postgres);
    project.edit('seeknal/orders_clean.yml', 'amount * 10', 'amount * 100');
    project.append('data/orders.csv', '4,40\n');
    await project.ok(...REMATERIALIZE);
    expect(await total(project)).toEqual(['3', '600']);
  });

  it("uses the profile of production, never the environment's", async () => {
    const project = await ordersProject(postgres);
    const elsewhere = await postgres.createDatabase();
    project.connect({ database: elsewhere }, 'profiles-dev.yml');
    await project.ok('run');
    await applyTenfold(project);
    expect(await postgres.rows('SELECT sum(amount) FROM dev_analytics.orders', elsewhere)).toEqual([['600']]);
    await project.ok(...REMATERIALIZE);
    expect(await total(project)).toEqual(['3', '600']);
    const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'analytics'";
    expect(await postgres.rows(tables, elsewhere)).toEqual([['0']]);
  });

  it('takes the connection from --profile', async () => {
    const project = await changedInDev(postgres);
    const other = await postgres.createDatabase();
    project.connect({ database: other }, 'conf/production.yml');
    await project.ok(...REMATERIALIZE, '--profile', 'conf/production.yml');
    expect(await postgres.rows('SELECT sum(amount) FROM analytics.orders', other)).toEqual([['600']]);
    expect(await total(project)).toEqual(['3', '60']);
  });

  it('writes only what it changed or what is behind', async () => {
    const project = await ordersProject(postgres);
    const sum = "SELECT sum(amount) AS total FROM ref('source.orders')";
    project.define('transform.total', sum, target('analytics.total'));
    await project.ok('run');
    await applyTenfold(project);
    await project.rows('DELETE FROM analytics.total');
    expect(targetsOf((await project.result(REMATERIALIZE)).document)).toEqual([
      [NODE, 'analytics.orders', 'written', 3],
    ]);
    expect(await project.rows('SELECT count(*) FROM analytics.total')).toEqual([['0']]);
  });

  it('writes targets in dependency order', async () => {
    const project = await ordersProject(postgres, 'analytics.z_first');
    project.define('transform.a_last', `SELECT * FROM ref('${NODE}')`, target('analytics.a_last'));
    await project.ok('run', '--no-materialize');
    await applyTenfold(project);
    const { document } = await project.result(REMATERIALIZE);
    expect(targetsOf(document)).toEqual([
      [NODE, 'analytics.z_first', 'written', 3],
      ['transform.a_last', 'analytics.a_last', 'written', 3],
    ]);
  });

  it('previews without writing', async () => {
    const project = await changedInDev(postgres);
    const before = project.snapshot();
    const preview = async (...more: readonly string[]) =>
      (await project.ok('env', 'promote', 'dev', '--dry-run', ...more)).match(/^ .*analytics.*$/gm);
    expect(await preview()).toEqual([`  behind: ${NODE} → postgresql analytics.orders`]);
    expect(await preview('--rematerialize')).toEqual([`  would be written: ${NODE} → postgresql analytics.orders`]);
    expect(project.snapshot()).toEqual(before);
    expect(await total(project)).toEqual(['3', '60']);
  });

  it('to another environment writes nothing without --rematerialize, and prefixed tables with it', async () => {
    const project = await changedInDev(postgres);
    expect(await project.ok('env', 'promote', 'dev', 'staging', '--yes')).toContain(
      `  behind: ${NODE} → postgresql staging_analytics.orders\n` +
        "ℹ 1 target behind; 'seeknal env promote dev staging --rematerialize' writes it.\n",
    );
    const schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%analytics' ORDER BY 1";
    expect(await project.rows(schemas)).toEqual([['analytics'], ['dev_analytics']]);
    await project.ok('env', 'promote', 'dev', 'staging', '--yes', '--rematerialize');
    expect(await total(project, 'staging_analytics.orders')).toEqual(['3', '600']);
    expect(await total(project)).toEqual(['3', '60']);
    await project.ok('env', 'promote', 'staging', '--yes', '--rematerialize');
    expect(await total(project)).toEqual(['3', '600']);
  });

  it('appends each artefact once, however often it is repeated', async () => {
    const project = await changedInDev(postgres, 'mode: append');
    for (let times = 0; times < 3; times += 1) await project.ok(...REMATERIALIZE);
    for (let times = 0; times < 3; times += 1) await project.ok('run');
    expect(await total(project)).toEqual(['6', '660']);
    expect(await total(project, 'dev_analytics.orders')).toEqual(['3', '600']);
  });

  it.each(['run', 'promote'])('lists the table of a node that %s removes, and leaves it', async how => {
    const project = await ordersProject(postgres);
    await project.ok('run');
    project.remove('seeknal/orders_clean.yml');
    if (how === 'promote') for (const word of ['plan', 'apply']) await project.ok('env', word, 'dev');
    const { document } = await project.copy().result(how === 'run' ? ['run'] : REMATERIALIZE);
    expect([statusesOf(document)[NODE], targetsOf(document)]).toEqual([
      'removed',
      [[NODE, 'analytics.orders', 'skipped', null]],
    ]);
    expect(await project.ok(...(how === 'run' ? ['run'] : REMATERIALIZE))).toContain(
      `\n  skipped: ${NODE} → postgresql analytics.orders: left as it is; drop it yourself if it is no longer needed\n`,
    );
    expect(await total(project)).toEqual(['3', '60']);
  });

  describe('and its rollback', () => {
    it.each([
      ['mode: full', 'written', ['3', '60']],
      ['mode: overwrite', 'written', ['3', '60']],
      ['mode: append', 'skipped', ['6', '660']],
      ['"mode": upsert_by_key, unique_keys: [id]', 'skipped', ['3', '600']],
    ])('with --rematerialize brings back only what can be brought back: %s', async (mode, status, left) => {
      const project = await changedInDev(postgres, mode);
      await project.ok(...REMATERIALIZE);
      const preview = await project.result(['env', 'rollback', '--dry-run']);
      expect(targetsOf(preview.document)).toEqual([
        [NODE, 'analytics.orders', status === 'written' ? 'behind' : 'skipped', null],
      ]);
      const { code, document } = await project.result(['env', 'rollback', '--yes', '--rematerialize']);
      expect([code, document.status, targetsOf(document)]).toEqual([
        0,
        'done',
        [[NODE, 'analytics.orders', status, status === 'written' ? 3 : null]],
      ]);
      expect(await total(project)).toEqual(left);
      expect(await project.query('SELECT sum(amount) AS sum FROM transform_orders_clean')).toEqual([{ sum: 60 }]);
    });

    it('lists the targets that it leaves', async () => {
      const project = await changedInDev(postgres, 'mode: append');
      await project.ok(...REMATERIALIZE);
      expect(await project.ok('env', 'rollback', '--yes')).toContain(
        `  skipped: ${NODE} → postgresql analytics.orders: not undone: only targets of mode full can be brought back\n`,
      );
      expect(await total(project)).toEqual(['6', '660']);
    });
  });
});
