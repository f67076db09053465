import { describePostgres, startPostgres } from '../../../test/servers/postgres.ts';
import { describeTargetConnector, type TargetFixture } from '../target-connector.contract.ts';
import { artefactOf, TestTargets } from './targets/target.fixture.ts';

describePostgres('PostgreSQL', () => {
  describeTargetConnector('PostgreSQL', makeFixture);
});

async function makeFixture(): Promise<TargetFixture> {
  const server = await startPostgres();
  const database = await server.createDatabase();
  const targets = new TestTargets(server, database);
  const interrupted = new TestTargets(server, database, { signal: AbortSignal.abort() });
  const rows = (sql: string) => server.rows(sql, database);
  let tables = 0;
  return {
    connector: targets.connector,
    interrupted: interrupted.connector,
    type: 'postgresql',
    connection: 'local_pg',
    newTable: () => `shop_${(tables += 1)}.orders`,
    artefact: artefactOf,
    rows: table => rows(`SELECT * FROM ${table} ORDER BY 1`),
    createForeignTable: async table => {
      await rows(`CREATE SCHEMA ${table.split('.')[0]}; CREATE TABLE ${table} AS SELECT 7 AS id`);
    },
    recreate: async table => {
      await rows(`ALTER TABLE ${table} RENAME TO old; CREATE TABLE ${table} (LIKE ${table.replace('orders', 'old')})`);
    },
    surroundings: async () =>
      JSON.stringify([
        await rows("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_temp%' ORDER BY 1"),
        await rows('SELECT oid, relname, reltuples FROM pg_class WHERE oid >= 16384 ORDER BY oid'),
      ]),
    close: async () => {
      await targets.close();
      await interrupted.close();
      await server.stop();
    },
  };
}
