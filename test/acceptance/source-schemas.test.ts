import { beforeAll, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../servers/postgres.ts';
import { mistakesOf, shopProject } from './shop.ts';

describePostgres('a source whose table is in the schema of its connection', () => {
  let postgres: TestPostgres;
  beforeAll(async () => void (postgres = await startPostgres()));

  it('is not promoted with data of another schema', async () => {
    const project = await shopProject(postgres);
    for (const [schema, amount] of [
      ['raw', 1],
      ['dev_raw', 1000],
    ] as const)
      await project.rows(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.orders AS SELECT ${amount} AS amount`);
    project.connect({ schema: 'raw' });
    project.connect({ schema: 'dev_raw' }, 'profiles-dev.yml');
    project.defineSource('orders', 'table: orders\n');
    await project.ok('run');
    await project.ok('env', 'plan', 'dev', '--refresh');
    await project.ok('env', 'apply', 'dev');
    expect(await project.query('SELECT amount FROM source_orders', 'dev')).toEqual([{ amount: 1000 }]);
    const { code, document } = await project.result(['env', 'promote', 'dev', '--yes']);
    const [dev, production] = ['dev_raw', 'raw'].map(schema => `${project.endpoint}?schema=${schema}`);
    expect([code, mistakesOf(document).map(([, message]) => message)]).toEqual([
      1,
      [
        `Data of another server is not promoted: source.orders was read from ${dev}, and production reads ${production}.`,
      ],
    ]);
    expect(await project.query('SELECT amount FROM source_orders')).toEqual([{ amount: 1 }]);
  });
});
