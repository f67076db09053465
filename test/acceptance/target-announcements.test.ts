import { beforeAll, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, ordersProject, target } from './shop.ts';

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
});
