import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { artefactOf, TestTargets } from './target.fixture.ts';

interface TypeCase {
  /** An expression of DuckDB. */
  readonly value: string;
  /** How DuckDB stores it. */
  readonly stored: string;
  /** The column of a new table. */
  readonly type: string;
  /** The value as PostgreSQL prints it. */
  readonly text: string;
}

const NEW_TABLES: readonly TypeCase[] = [
  { value: 'true', stored: 'BOOLEAN', type: 'boolean', text: 'true' },
  { value: '(-128)::TINYINT', stored: 'TINYINT', type: 'smallint', text: '-128' },
  { value: '255::UTINYINT', stored: 'UTINYINT', type: 'smallint', text: '255' },
  { value: '(-32768)::SMALLINT', stored: 'SMALLINT', type: 'smallint', text: '-32768' },
  { value: '65535::USMALLINT', stored: 'USMALLINT', type: 'integer', text: '65535' },
  { value: '(-2147483648)::INTEGER', stored: 'INTEGER', type: 'integer', text: '-2147483648' },
  { value: '4294967295::UINTEGER', stored: 'UINTEGER', type: 'bigint', text: '4294967295' },
  { value: '9223372036854775807::BIGINT', stored: 'BIGINT', type: 'bigint', text: '9223372036854775807' },
  {
    value: '18446744073709551615::UBIGINT',
    stored: 'UBIGINT',
    type: 'numeric(20,0)',
    text: '18446744073709551615',
  },
  {
    value: "'-99999999999999999999999999999999999999'::DECIMAL(38,0)",
    stored: 'DECIMAL(38,0)',
    type: 'numeric(38,0)',
    text: '-99999999999999999999999999999999999999',
  },
  { value: '-1.001::DECIMAL(18,3)', stored: 'DECIMAL(18,3)', type: 'numeric(18,3)', text: '-1.001' },
  {
    value: "'0.99999999999999999999999999999999999999'::DECIMAL(38,38)",
    stored: 'DECIMAL(38,38)',
    type: 'numeric(38,38)',
    text: '0.99999999999999999999999999999999999999',
  },
  {
    value: "'-0.20000904080660006'::DECIMAL(18,17)",
    stored: 'DECIMAL(18,17)',
    type: 'numeric(18,17)',
    text: '-0.20000904080660006',
  },
  { value: "'0.123456789'::DECIMAL(9,9)", stored: 'DECIMAL(9,9)', type: 'numeric(9,9)', text: '0.123456789' },
  { value: "'nan'::FLOAT", stored: 'FLOAT', type: 'real', text: 'NaN' },
  { value: '3.4028235e38::FLOAT', stored: 'FLOAT', type: 'real', text: '3.4028235e+38' },
  { value: "'-inf'::DOUBLE", stored: 'DOUBLE', type: 'double precision', text: '-Infinity' },
  { value: "'-0'::DOUBLE", stored: 'DOUBLE', type: 'double precision', text: '-0' },
  { value: '0.1::DOUBLE', stored: 'DOUBLE', type: 'double precision', text: '0.1' },
  { value: "'ä''\\N' || chr(9) || chr(10) || '🙂'", stored: 'VARCHAR', type: 'text', text: "ä'\\N\t\n🙂" },
  { value: "''", stored: 'VARCHAR', type: 'text', text: '' },
  { value: '\'{"b":[1,2.50],"a":null}\'::JSON', stored: 'JSON', type: 'jsonb', text: '{"a": null, "b": [1, 2.50]}' },
  { value: "'\\x00\\xFFa'::BLOB", stored: 'BLOB', type: 'bytea', text: '\\x00ff61' },
  {
    value: "'ffffffff-2574-4bfd-b411-99ed177d3e43'::UUID",
    stored: 'UUID',
    type: 'uuid',
    text: 'ffffffff-2574-4bfd-b411-99ed177d3e43',
  },
  { value: "'0044-03-15 (BC)'::DATE", stored: 'DATE', type: 'date', text: '0044-03-15 BC' },
  { value: "'infinity'::DATE", stored: 'DATE', type: 'date', text: 'infinity' },
  { value: "'23:59:59.999999'::TIME", stored: 'TIME', type: 'time without time zone', text: '23:59:59.999999' },
  {
    value: "'10:00:00.5+05:30'::TIMETZ",
    stored: 'TIME WITH TIME ZONE',
    type: 'time with time zone',
    text: '04:30:00.5+00',
  },
  {
    value: "'294246-12-31 23:59:59.999999'::TIMESTAMP",
    stored: 'TIMESTAMP',
    type: 'timestamp without time zone',
    text: '294246-12-31 23:59:59.999999',
  },
  { value: "'-infinity'::TIMESTAMP", stored: 'TIMESTAMP', type: 'timestamp without time zone', text: '-infinity' },
  {
    value: "'4714-11-24 (BC) 00:00:00'::TIMESTAMP",
    stored: 'TIMESTAMP',
    type: 'timestamp without time zone',
    text: '4714-11-24 00:00:00 BC',
  },
  {
    value: "'2020-01-01 00:00:00.123456'::TIMESTAMP_NS",
    stored: 'TIMESTAMP_NS',
    type: 'timestamp without time zone',
    text: '2020-01-01 00:00:00.123456',
  },
  {
    value: "'2020-01-01 00:00:00.123456+07'::TIMESTAMPTZ",
    stored: 'TIMESTAMP WITH TIME ZONE',
    type: 'timestamp with time zone',
    text: '2019-12-31 17:00:00.123456+00',
  },
  {
    value: "'1 year 2 months 3 days 04:05:06.789'::INTERVAL",
    stored: 'INTERVAL',
    type: 'interval',
    text: '1 year 2 mons 3 days 04:05:06.789',
  },
  { value: '[1, NULL, 3]', stored: 'INTEGER[]', type: 'integer[]', text: '{1,NULL,3}' },
  { value: '[]::INTEGER[]', stored: 'INTEGER[]', type: 'integer[]', text: '{}' },
  {
    value: "['a,\"b\\', '{}', NULL, 'NULL', '']",
    stored: 'VARCHAR[]',
    type: 'text[]',
    text: '{"a,\\"b\\\\","{}",NULL,"NULL",""}',
  },
  { value: "['\\x00a'::BLOB]", stored: 'BLOB[]', type: 'bytea[]', text: '{"\\\\x0061"}' },
  {
    value: "['nan', '-inf', '0.1']::DOUBLE[]",
    stored: 'DOUBLE[]',
    type: 'double precision[]',
    text: '{NaN,-Infinity,0.1}',
  },
  {
    value: "['0044-03-15 (BC)', 'infinity']::DATE[]",
    stored: 'DATE[]',
    type: 'date[]',
    text: '{"0044-03-15 BC",infinity}',
  },
  {
    value: "['0044-03-15 (BC) 01:02:03']::TIMESTAMP[]",
    stored: 'TIMESTAMP[]',
    type: 'timestamp without time zone[]',
    text: '{"0044-03-15 01:02:03 BC"}',
  },
  {
    value: "['2020-01-01 00:00:00+07']::TIMESTAMPTZ[]",
    stored: 'TIMESTAMP WITH TIME ZONE[]',
    type: 'timestamp with time zone[]',
    text: '{"2019-12-31 17:00:00+00"}',
  },
  { value: '[0.123456789]::DECIMAL(9,9)[]', stored: 'DECIMAL(9,9)[]', type: 'numeric(9,9)[]', text: '{0.123456789}' },
  { value: '[\'{"a":1}\'::JSON]', stored: 'JSON[]', type: 'jsonb[]', text: '{"{\\"a\\": 1}"}' },
  { value: '[true, false]', stored: 'BOOLEAN[]', type: 'boolean[]', text: '{t,f}' },
  { value: '[[1, 2], [3], [], NULL]', stored: 'INTEGER[][]', type: 'jsonb', text: '[[1, 2], [3], [], null]' },
  {
    value: "{'a': 1.10::DECIMAL(10,2), 'b': [{'c': 'x\"y'}]}",
    stored: 'STRUCT(a DECIMAL(10,2), b STRUCT(c VARCHAR)[])',
    type: 'jsonb',
    text: '{"a": 1.1, "b": [{"c": "x\\"y"}]}',
  },
  { value: "MAP {'k': 1, 'l': NULL}", stored: 'MAP(VARCHAR, INTEGER)', type: 'jsonb', text: '{"k": 1, "l": null}' },
];

/** A value, and a column of an existing table that it goes into. */
const EXISTING: readonly (readonly [value: string, type: string, text: string])[] = [
  ['5', 'bigint', '5'],
  ['5', 'numeric', '5'],
  ['5', 'numeric(12,2)', '5.00'],
  ['5::DECIMAL(18,0)', 'bigint', '5'],
  ["'0.99999999999999999999999999999999999999'::DECIMAL(38,38)", 'numeric', '0.99999999999999999999999999999999999999'],
  ["'99999999999999999999999999999999999999'::DECIMAL(38,0)", 'numeric', '99999999999999999999999999999999999999'],
  ["'12.34'::DECIMAL(18,2)", 'numeric(38,9)', '12.340000000'],
  ['0.5::FLOAT', 'double precision', '0.5'],
  ["'abc'", 'varchar', 'abc'],
  ["'abc'", 'varchar(3)', 'abc'],
  ["'ab'", 'char(3)', 'ab'],
  ["'abc'", 'name', 'abc'],
  ["'b'", 'color', 'b'],
  ["'x'", 'short_text', 'x'],
  ["'10:00:00+05'", 'timetz', '10:00:00+05'],
  ["'$1,234.50'", 'money', '$1,234.50'],
  ["'[1,5)'", 'int4range', '[1,5)'],
  ["'[2020-01-01,2020-02-01)'", 'daterange', '[2020-01-01,2020-02-01)'],
  ["'10.0.0.0/8'", 'inet', '10.0.0.0/8'],
  ["'101'", 'bit(3)', '101'],
  ["'101'", 'varbit', '101'],
  ["'<a>1</a>'", 'xml', '<a>1</a>'],
  ["'(1,x)'", 'pair', '(1,x)'],
  ['\'{"a":  1}\'::JSON', 'json', '{"a":  1}'],
  ['\'{"a":  1}\'::JSON', 'text', '{"a":  1}'],
  ["{'a': 1}", 'json', '{"a":1}'],
  ["'2020-01-01 00:00:00.5'::TIMESTAMP", 'timestamp(1)', '2020-01-01 00:00:00.5'],
  ["'1 day'::INTERVAL", 'interval day', '1 day'],
  ['[1, 2]', 'bigint[]', '{1,2}'],
  ['[1, 2]', 'jsonb', '[1, 2]'],
  ["['a', 'b']", 'color[]', '{a,b}'],
  ["['ab']", 'varchar(2)[]', '{ab}'],
  ['[[1, 2], [3, 4]]', 'integer[]', '{{1,2},{3,4}}'],
  ['[[1, 2], [3, 4]]', 'numbers', '{{1,2},{3,4}}'],
  ['[]::INTEGER[][]', 'integer[]', '{}'],
];

/** Values that a column of an existing table cannot hold, with the failure. */
const LOST: readonly (readonly [value: string, type: string, message: RegExp])[] = [
  [
    "'abcd'",
    'varchar(3)',
    /^Column 'v' of transform\.orders has values that do not fit character varying\(3\) in 1 row\.$/,
  ],
  ["'abc '", 'varchar(3)', /do not fit/],
  ["'abcd'", 'short_text', /do not fit short_text in 1 row/],
  ["'abcd'", 'char(3)', /do not fit/],
  ["repeat('x', 64)", 'name', /do not fit name/],
  ["'1011'", 'bit(3)', /do not fit bit\(3\)/],
  ["'2020-01-01 00:00:00.25'::TIMESTAMP", 'timestamp(1)', /do not fit timestamp\(1\) without time zone/],
  ["'25:00:00.5'::INTERVAL", 'interval hour', /do not fit interval hour/],
  ["['abc']", 'varchar(2)[]', /do not fit/],
  ["'c'", 'color', /^invalid input value for enum color: "c"$/],
  ["'x'", 'inet', /^invalid input syntax for type inet: "x"$/],
  ['[[1, 2], [3]]', 'integer[]', /^cannot accumulate arrays of different dimensionality$/],
  ['[[]]::INTEGER[][]', 'integer[]', /^cannot accumulate empty arrays$/],
  [
    "'2020-01-01 00:00:00.123456789'::TIMESTAMP_NS",
    'timestamp',
    /^Column 'v' of transform\.orders has nanoseconds in 1 row\.$/,
  ],
  ["'4800-01-01 (BC)'::DATE", 'date', /out of range/],
  ["'4714-11-23 (BC) 00:00:00'::TIMESTAMP", 'timestamp', /timestamp out of range/],
  ["{'a': 'nan'::DOUBLE}", 'jsonb', /invalid input syntax for type json/],
];

describePostgres('types of PostgreSQL targets', () => {
  let server: TestPostgres;
  let database: string;
  let store: TestTargets;
  beforeAll(async () => {
    server = await startPostgres({ settings: { lc_monetary: 'C' } });
    database = await server.createDatabase();
    store = new TestTargets(server, database);
    await rows(`
      CREATE SCHEMA shop; CREATE TYPE color AS ENUM ('a', 'b'); CREATE DOMAIN short_text AS varchar(3);
      CREATE TYPE pair AS (n int, t text); CREATE DOMAIN numbers AS int[]`);
  });
  afterAll(() => store.close());
  const rows = (sql: string) => server.rows(sql, database);
  let tables = 0;
  const newTable = (): string => `shop.t${(tables += 1)}`;

  /** A row of values and a row of NULLs, in the columns v0, v1, …, and `i`, which is 1 and 2. */
  const artefactWith = (values: readonly string[]) =>
    artefactOf(`
      SELECT 1 AS i, ${values.map((value, index) => `${value} AS v${index}`).join(', ')}
      UNION ALL SELECT 2, ${values.map(() => 'NULL').join(', ')}`);

  /** The columns v0, v1, … of a table as text, one list per row. */
  const texts = (table: string, count: number) =>
    rows(
      `SELECT ${Array.from({ length: count }, (_, index) => `v${index}::text`).join(', ')} FROM ${table} ORDER BY i`,
    );

  it('are chosen for the columns of a new table, and hold every value', async () => {
    const table = newTable();
    const artefact = await artefactWith(NEW_TABLES.map(({ value }) => value));
    expect(artefact.columns.slice(1).map(({ type }) => type)).toEqual(NEW_TABLES.map(({ stored }) => stored));
    expect(await store.write(artefact, { table })).toMatchObject({ kind: 'written', rows: 2 });
    const types = await rows(`
      SELECT format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = '${table}'::regclass AND attname LIKE 'v%' ORDER BY attnum`);
    expect(types.flat()).toEqual(NEW_TABLES.map(({ type }) => type));
    const expected = [NEW_TABLES.map(({ text }) => text), NEW_TABLES.map(() => null)];
    expect(await texts(table, NEW_TABLES.length)).toEqual(expected);
    expect(await store.plan(artefact.columns, { table })).toMatchObject({ steps: [{ kind: 'write-rows' }] });
    expect(await store.write(artefact, { table })).toMatchObject({ kind: 'written', rows: 2 });
    expect(await texts(table, NEW_TABLES.length)).toEqual(expected);
  });

  it.each([
    ['of values that are final', 'SELECT 1 AS v'],
    ['of values that the server casts', 'SELECT [1] AS v'],
  ])('make no difference to how long a new table lasts: one %s is logged', async (_, query) => {
    const table = newTable();
    await store.write(await artefactOf(query), { table });
    expect(await rows(`SELECT relpersistence FROM pg_class WHERE oid = '${table}'::regclass`)).toEqual([['p']]);
  });

  describe('in an existing table', () => {
    it('take every value that they hold', async () => {
      const table = newTable();
      await rows(`CREATE TABLE ${table} (${EXISTING.map(([, type], index) => `v${index} ${type}`).join(', ')}, i int)`);
      const artefact = await artefactWith(EXISTING.map(([value]) => value));
      expect(await store.write(artefact, { table })).toMatchObject({ kind: 'written', rows: 2 });
      expect(await texts(table, EXISTING.length)).toEqual([
        EXISTING.map(([, , text]) => text),
        EXISTING.map(() => null),
      ]);
    });

    it.each(LOST)('%s does not fit into %s and fails', async (value, type, message) => {
      const table = newTable();
      await rows(`CREATE TABLE ${table} (v ${type})`);
      const outcome = await store.write(await artefactOf(`SELECT ${value} AS v`), { table });
      expect(outcome).toMatchObject({
        kind: 'behind',
        failure: { code: 'target-value', hint: expect.any(String) as string },
      });
      expect(outcome.kind === 'behind' && outcome.failure.message).toMatch(message);
      expect(await rows(`SELECT count(*) FROM ${table}`)).toEqual([['0']]);
    });
  });
});
