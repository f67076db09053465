import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import type { EarlierReading } from '../../../core/plan/sources/source-inspection.ts';
import { failureOf, postgresNode, SourceBench, type SourceFields } from '../source-bench.testing.ts';

describePostgres('the relation of a PostgreSQL source', () => {
  let postgres: TestPostgres;
  let bench: SourceBench;
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.rows(`
      CREATE SCHEMA shop;
      CREATE SCHEMA "Old.Shop";
      CREATE SCHEMA void;
      CREATE TABLE shop.orders (id int8 NOT NULL, "Name" text, at timestamptz);
      CREATE TABLE "Old.Shop"."The ""orders""" ("select" int, "a.b ""c"" ' d" int);
      INSERT INTO "Old.Shop"."The ""orders""" VALUES (1, 2);
      CREATE TABLE "Old.Shop".archive (id int);
      CREATE TABLE public.local (id int);
      CREATE TABLE shop.twins (id int, "ID" int);
      CREATE TABLE shop.empty ();
      CREATE SEQUENCE shop.numbers;
      CREATE TABLE shop.dropped (a int, b int, c int);
      ALTER TABLE shop.dropped DROP b;
    `);
    bench = await SourceBench.open(postgres, { ownMoments: true });
  });
  afterAll(() => bench.close());

  const inspect = (fields: SourceFields, earlier: EarlierReading | null = null) =>
    bench.inspect(postgresNode(fields), earlier);
  const failure = (fields: SourceFields) => failureOf(inspect(fields));

  it('is described by the catalogue', async () => {
    const { details, ...inspection } = await inspect({ table: 'shop.orders' });
    expect(inspection).toEqual({
      version: null,
      endpoint: `postgresql://127.0.0.1:${postgres.port}/postgres`,
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'Name', type: 'VARCHAR' },
        { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
      ],
      earlier: null,
      change: null,
      empty: null,
    });
    expect(details).toMatchObject({ relation: { kind: 'table', label: 'shop.orders' }, wanted: null });
  });

  it('lacks dropped columns', async () => {
    expect((await inspect({ table: 'shop.dropped' })).columns.map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('may have any name', async () => {
    const { columns, rows } = await bench.read(postgresNode({ table: '"Old.Shop"."The ""orders"""' }));
    expect(columns.map(({ name }) => name)).toEqual(['select', `a.b "c" ' d`]);
    expect(rows).toEqual([['1', '2']]);
  });

  it('is in the schema of the connection if its name has none', async () => {
    expect((await inspect({ table: 'local' })).columns).toEqual([{ name: 'id', type: 'INTEGER' }]);
    const other = await SourceBench.open(postgres, { settings: { schema: 'shop' } });
    expect((await other.inspect(postgresNode({ table: 'orders' }))).columns).toHaveLength(3);
    await other.close();
  });

  it.each([
    ['shop.ordrs', 'table shop.ordrs does not exist', "Did you mean 'orders'?"],
    ['shop.ORDERS', 'table shop.ORDERS does not exist', "Did you mean 'orders'?"],
    ['shop.archive', 'table shop.archive does not exist', 'It exists as "Old.Shop".archive.'],
    ['orders', 'table public.orders does not exist', 'It exists as shop.orders.'],
    ['shp.x', 'schema shp does not exist', "Did you mean 'shop'?"],
    ['void.unlike', 'table void.unlike does not exist', 'Schema void has no tables.'],
    ['public.unlike', 'table public.unlike does not exist', 'Check the name; schema public has local.'],
    [
      'completely.unlike',
      'schema completely does not exist',
      'Database postgres has the schemas Old.Shop, information_schema, pg_catalog, public, shop, void.',
    ],
  ])('is missing: %s', async (table, what, hint) => {
    expect(await failure({ table })).toMatchObject({
      code: 'source-missing',
      message: `source.orders cannot be read: ${what}.`,
      hint,
    });
  });

  it.each([
    [{ table: 'a.b.c' }, "'a.b.c' has 3 parts; a table is named as schema.table"],
    [{ table: 'shop.numbers' }, 'shop.numbers is not a table'],
    [{}, 'it names no table'],
    [{ table: 'shop.orders', options: { query: 'SELECT 1' } }, '`table` and `params.query` exclude each other'],
    [
      { options: { query: 'SELECT 1 AS a; SELECT 2 AS a' } },
      "'params.query' is not a query: it contains several statements",
    ],
    [{ options: { query: ' -- nothing' } }, "'params.query' is not a query: it is empty"],
    [
      { options: { query: 'DELETE FROM shop.orders RETURNING id' } },
      `'params.query' is not a query that reads (syntax error at or near "FROM")`,
    ],
    [
      { options: { query: 'WITH gone AS (DELETE FROM shop.orders RETURNING id) SELECT * FROM gone' } },
      "'params.query' is not a query that reads (WITH clause containing a data-modifying statement must be at the top level)",
    ],
  ])('is refused: %j', async (fields, what) => {
    expect(await failure(fields)).toMatchObject({
      code: 'bad-source',
      message: `source.orders cannot be read: ${what}.`,
      hint: expect.any(String) as string,
    });
  });

  it.each([
    [{ table: 'shop.twins' }, "shop.twins has columns 'id' and 'ID', which differ only in case"],
    [{ table: 'shop.empty' }, 'shop.empty has no columns'],
    [{ options: { query: 'SELECT 1, 2' } }, "the query has two columns '?column?'"],
  ])('is unreadable: %j', async (fields, what) => {
    expect(await failure(fields)).toMatchObject({
      code: 'source-unreadable',
      message: `source.orders cannot be read: ${what}.`,
      hint: expect.any(String) as string,
    });
  });

  it('reads twins with a query that names them apart', async () => {
    const query = 'SELECT id, "ID" AS other FROM shop.twins';
    expect((await inspect({ options: { query } })).columns.map(({ name }) => name)).toEqual(['id', 'other']);
  });

  it.each([
    ['SELECT nothing FROM shop.orders', 'column "nothing" does not exist'],
    ['SELEC 1', 'syntax error at or near "SELEC"'],
    ['SELECT 1) AS r, (SELECT 2', 'syntax error at or near ")"'],
  ])('is a query that the server refuses: %s', async (query, said) => {
    expect(await failure({ options: { query } })).toMatchObject({
      code: 'source-unreadable',
      message: `source.orders cannot be read: ${said}.`,
    });
  });

  describe('with a schema', () => {
    const schema = [
      { name: 'AT', type: 'varchar' },
      { name: 'name', type: 'STRING' },
      { name: 'id', type: 'numeric(20, 2)' },
    ];

    it('has exactly its columns, types and order', async () => {
      expect((await inspect({ table: 'shop.orders', schema })).columns).toEqual([
        { name: 'AT', type: 'VARCHAR' },
        { name: 'name', type: 'VARCHAR' },
        { name: 'id', type: 'DECIMAL(20,2)' },
      ]);
    });

    it('refuses other columns', async () => {
      const other = [...schema.slice(1), { name: 'more', type: 'INTEGER' }];
      expect(await failure({ table: 'shop.orders', schema: other })).toMatchObject({
        code: 'schema-mismatch',
        message:
          'The data of source.orders does not match its schema: it lacks more and has at, which the schema does not declare.',
      });
    });

    it('refuses types that do not exist', async () => {
      const other = schema.map(column => ({ ...column, type: 'NOPE' }));
      expect(await failure({ table: 'shop.orders', schema: other })).toMatchObject({
        code: 'source-unreadable',
        message: expect.stringContaining('its schema is not valid (Type with name NOPE does not exist') as string,
      });
    });
  });

  describe('without privileges', () => {
    const as = async (grants: string, fields: SourceFields) => {
      const user = await postgres.createUser(`reader_${Math.random().toString(36).slice(2, 8)}`);
      if (grants !== '') await postgres.rows(grants.replaceAll('<user>', user));
      const own = await SourceBench.open(postgres, { user });
      try {
        const error = await failureOf(own.read(postgresNode(fields)));
        const said =
          error instanceof Error ? { message: error.message, ...('hint' in error ? { hint: error.hint } : {}) } : {};
        return JSON.parse(JSON.stringify(said).replaceAll(user, '<user>')) as unknown;
      } finally {
        await own.close();
      }
    };

    it.each([
      ['', 'schema shop', 'GRANT USAGE ON SCHEMA shop TO <user>'],
      ['GRANT USAGE ON SCHEMA shop TO <user>', 'table shop.orders', 'GRANT SELECT ON shop.orders TO <user>'],
      [
        'GRANT USAGE ON SCHEMA shop TO <user>; GRANT SELECT (id, at) ON shop.orders TO <user>',
        "column 'Name' of shop.orders",
        'GRANT SELECT ON shop.orders TO <user>',
      ],
    ])('after %j says what to grant', async (grants, what, grant) => {
      expect(await as(grants, { table: 'shop.orders' })).toEqual({
        message: `source.orders cannot be read: user <user> may not read ${what}.`,
        hint: `Run \`${grant}\` as its owner.`,
      });
    });

    it('fails a query, and reads one of the columns that are granted', async () => {
      const grants = 'GRANT USAGE ON SCHEMA shop TO <user>; GRANT SELECT (id) ON shop.orders TO <user>';
      expect(await as(grants, { options: { query: 'SELECT * FROM shop.orders' } })).toEqual({
        message: 'source.orders cannot be read: permission denied for table orders.',
        hint: 'Grant the user of the connection SELECT on what the source reads.',
      });
      expect(await as(grants, { options: { query: 'SELECT id FROM shop.orders' } })).toMatchObject({
        message: expect.stringMatching(/^did not fail/) as string,
      });
    });
  });

  it('names lost and retyped columns', async () => {
    const earlier: EarlierReading = {
      sameDefinition: true,
      columns: [
        { name: 'gone', type: 'DATE' },
        { name: 'id', type: 'INTEGER' },
      ],
      rows: 1,
      dialect: null,
      data: { place: { kind: 'files', files: [] }, endpoint: null, bookmark: null },
    };
    const text =
      "column 'gone' (DATE) is missing from shop.orders; column 'id' changed from INTEGER to BIGINT in shop.orders";
    const hint = 'Restore the columns, or set `on_schema_change: evolve` in seeknal/orders.yml to accept the change.';
    const message = `source.orders cannot be read as before: ${text}.`;
    const refusal = { code: 'schema-changed', message, hint, words: [], said: null };
    expect((await inspect({ table: 'shop.orders' }, earlier)).change).toEqual({ text, refusal });
    const evolving = { table: 'shop.orders', onSchemaChange: 'evolve' } as const;
    expect((await inspect(evolving, earlier)).change).toEqual({ text, refusal: null });
  });
});
