import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ordersProject, type ShopProject, targetsOf } from '../acceptance/shop.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { buildFixture, type Fixture, runChild } from './child-command.ts';

const NODE = 'transform.orders_clean';
const TABLE = 'analytics.orders';
const STATE = `SELECT count(*), sum(amount) FROM ${TABLE}`;
const STAGING = "SELECT relname FROM pg_class WHERE relname LIKE '\\_seeknal%'";
/** After the switch of production: what is about to happen when the command dies, as an operation of the disk. */
const MOMENTS = [
  ['before the server is asked', 'sync target/store/heads', '1'],
  ['after the COMMIT of the server, before the record', 'append target/store/ledger.jsonl', '1'],
  ['after the record', 'append target/store/ledger.jsonl', '2'],
  ['at the end', 'unlink target/store/lock/*.json', '1'],
] as const;
const MODES = ['mode: full', 'mode: append', 'mode: upsert_by_key, unique_keys: [id]'];

describePostgres('a command that is killed while it writes targets', () => {
  let postgres: TestPostgres;
  let fixture: Fixture;
  beforeAll(async () => {
    postgres = await startPostgres();
    fixture = await buildFixture('targets.fixture.ts');
  });
  afterAll(() => fixture.remove());

  /** A project whose next run creates the table. */
  const created = (mode: string): Promise<ShopProject> => ordersProject(postgres, TABLE, mode);

  /** A project whose next run has new rows for the table. */
  const continued = async (mode: string): Promise<ShopProject> => {
    const project = await created(mode);
    await project.ok('run');
    project.write('data/orders.csv', 'id,amount\n3,33\n4,40\n');
    return project;
  };

  describe.each([
    ['created', created],
    ['continued', continued],
  ] as const)('a table that is %s', (_, make) => {
    it.each(MODES)('in %s converges in the next run', { timeout: 600_000 }, async mode => {
      const whole = await make(mode);
      await whole.ok('run');
      const expected = await whole.rows(STATE);
      for (const [moment, kind, nth] of MOMENTS) {
        const project = await make(mode);
        const { end, stderr } = await runChild(fixture.program, [project.root, kind, nth, 'run']);
        const next = await project.result(['run']);
        const said = `killed ${moment}: ${stderr}${next.stdout}`;
        expect([end, next.code, await project.rows(STATE)], said).toEqual(['SIGKILL', 0, expected]);
        expect((await project.result(['run'])).document.status, said).toBe('nothing_to_do');
        expect(await project.rows(STAGING), said).toEqual([]);
      }
    });
  });

  describe.each(MOMENTS)('%s', (_, kind, nth) => {
    const RETRIES = [
      ['env apply', ['env', 'apply', 'dev'], 'dev_analytics.orders', [['3', '600']]],
      ['env promote', ['env', 'promote', 'dev', '--yes', '--rematerialize'], TABLE, [['6', '660']]],
    ] as const;

    it.each(RETRIES)('%s converges when it is repeated', { timeout: 600_000 }, async (name, words, table, expected) => {
      const project = await created('mode: append');
      await project.ok('run');
      project.edit('seeknal/orders_clean.yml', 'SELECT id, amount', 'SELECT id, amount * 10 AS amount');
      await project.ok('env', 'plan', 'dev');
      if (name === 'env promote') await project.ok('env', 'apply', 'dev');
      const { end } = await runChild(fixture.program, [project.root, kind, nth, ...words]);
      if (name === 'env apply' && kind.includes('heads'))
        expect((await project.result(['env', 'show', 'dev'])).document).toMatchObject({ promotable: false });
      const again = await project.result(words);
      expect([again.code, await project.rows(`SELECT count(*), sum(amount) FROM ${table}`)], again.stdout).toEqual([
        0,
        expected,
      ]);
      expect(['SIGKILL', 0]).toContain(end);
      expect((await project.result(words)).document.status).toBe('nothing_to_do');
      expect((await project.result(['env', 'show', 'dev'])).document['targets_behind']).toEqual([]);
      expect(await project.rows(STAGING)).toEqual([]);
    });
  });

  it('that is killed while it loads leaves the table as it was, and the next run cleans up', async () => {
    const project = await continued('mode: append');
    const before = await project.rows(STATE);
    const release = await project.holding(`BEGIN; LOCK TABLE ${TABLE} IN EXCLUSIVE MODE`);
    const child = project.spawnKillable(['run']);
    const waiting = 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted';
    await expect.poll(() => project.rows(waiting), { timeout: 60_000 }).toEqual([['t']]);
    await child.kill('SIGKILL');
    await release();
    expect(await project.rows(STATE)).toEqual(before);
    expect(targetsOf((await project.result(['run'])).document)).toEqual([[NODE, TABLE, 'written', 2]]);
    expect(await project.rows(STATE)).toEqual([['5', '133']]);
    expect(await project.rows(STAGING)).toEqual([]);
  });

  it('two at once write the rows of an append target once', async () => {
    const project = await continued('mode: append');
    const outcomes = await Promise.all([1, 2, 3].map(() => project.spawn(['run', '--json'])));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await project.rows(STATE)).toEqual([['5', '133']]);
  });
});
