import { beforeAll } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { describeSourceConnector, type SourceFixture } from '../source-connector.contract.ts';
import { postgresNode, SourceBench, type SourceFields } from './source-bench.testing.ts';
import { postgresSource } from './source.ts';

/** A relation over the table `orders`, and how its columns change. */
interface Kind {
  readonly source: SourceFields;
  readonly make: string;
  readonly alter: string;
  /** Brings the relation up to its table. */
  readonly refresh?: string;
}

const VIEW = 'SELECT id, name FROM orders';

const KINDS: Readonly<Record<string, Kind>> = {
  table: { source: { table: 'public.orders' }, make: '', alter: 'ALTER TABLE orders ADD more int' },
  view: {
    source: { table: 'shown' },
    make: `CREATE VIEW shown AS ${VIEW}`,
    alter: 'CREATE OR REPLACE VIEW shown AS SELECT id, name, 1 AS more FROM orders',
  },
  'materialized view': {
    source: { table: 'kept' },
    make: `CREATE MATERIALIZED VIEW kept AS ${VIEW}`,
    refresh: 'REFRESH MATERIALIZED VIEW kept',
    alter: 'DROP MATERIALIZED VIEW kept; CREATE MATERIALIZED VIEW kept AS SELECT id FROM orders',
  },
  'partitioned table': {
    source: { table: '"My Schema"."Parts.x"' },
    make: `CREATE SCHEMA "My Schema"; CREATE TABLE "My Schema"."Parts.x" (id int8, name text) PARTITION BY RANGE (id);
      CREATE TABLE low PARTITION OF "My Schema"."Parts.x" FOR VALUES FROM (MINVALUE) TO (2);
      CREATE TABLE high PARTITION OF "My Schema"."Parts.x" FOR VALUES FROM (2) TO (MAXVALUE);
      INSERT INTO "My Schema"."Parts.x" SELECT * FROM orders`,
    refresh: 'DELETE FROM "My Schema"."Parts.x"; INSERT INTO "My Schema"."Parts.x" SELECT * FROM orders',
    alter: 'ALTER TABLE "My Schema"."Parts.x" ADD more int',
  },
  'foreign table': {
    source: { table: 'away' },
    make: `CREATE EXTENSION postgres_fdw;
      CREATE SERVER self FOREIGN DATA WRAPPER postgres_fdw
        OPTIONS (host '127.0.0.1', port '<port>', dbname '<database>', sslmode 'disable');
      CREATE USER MAPPING FOR postgres SERVER self OPTIONS (user 'postgres', password_required 'false');
      CREATE FOREIGN TABLE away (id int8, name text) SERVER self OPTIONS (table_name 'orders')`,
    alter: 'ALTER FOREIGN TABLE away DROP name',
  },
  query: {
    source: { options: { query: 'SELECT * FROM orders WHERE id > 0; -- all' } },
    make: '',
    alter: 'ALTER TABLE orders ADD more int',
  },
};

async function makeFixture(
  postgres: TestPostgres,
  { source, make, alter, refresh = '' }: Kind,
): Promise<SourceFixture> {
  const database = await postgres.createDatabase();
  const run = async (sql: string): Promise<void> => {
    await postgres.rows(sql.replace('<port>', String(postgres.port)).replace('<database>', database), database);
  };
  await run(`CREATE TABLE orders (id int8, name text); INSERT INTO orders VALUES (1, 'n1'), (2, 'n2'); ${make}`);
  const bench = await SourceBench.open(postgres, { database, ownMoments: true });
  const aborted = await SourceBench.open(postgres, { database, signal: AbortSignal.abort() });
  const node = postgresNode(source);
  let last = 2;
  const fill = (count: number): string =>
    `DELETE FROM orders; INSERT INTO orders (id, name) SELECT i, 'n' || i FROM generate_series(1, ${count}) AS i; ${refresh}`;
  return {
    connector: bench.connector,
    interrupted: postgresSource({ servers: aborted.servers }),
    session: bench.session,
    source: node,
    others: {},
    absent: postgresNode({ table: 'public.missing' }),
    staging: bench.staging,
    change: () => run(fill((last += 1))),
    rewrite: () => run(fill(last)),
    alter: () => run(alter),
    surroundings: () => bench.spilled().join('\n'),
    close: async () => {
      await bench.close();
      await aborted.close();
    },
  };
}

describePostgres('PostgreSQL sources', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  for (const [name, kind] of Object.entries(KINDS))
    describeSourceConnector(`a PostgreSQL ${name}`, () => makeFixture(postgres, kind), { isVersioned: false });
});
