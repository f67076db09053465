import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { failureOf, makeTable, postgresNode, SourceBench } from '../source-bench.testing.ts';

describePostgres('types of PostgreSQL', () => {
  let postgres: TestPostgres;
  let bench: SourceBench;
  beforeAll(async () => {
    postgres = await startPostgres();
    // Output must not depend on any of these.
    await postgres.rows(`
      ALTER DATABASE postgres SET timezone = 'Asia/Tokyo';
      ALTER DATABASE postgres SET datestyle = 'German, DMY';
      ALTER DATABASE postgres SET intervalstyle = 'iso_8601';
      ALTER DATABASE postgres SET bytea_output = 'escape';
      ALTER DATABASE postgres SET extra_float_digits = -5;
      CREATE TYPE mood AS ENUM ('good', 'it''s "bad"');
      CREATE TYPE pair AS (a int, b text);
      CREATE DOMAIN price AS numeric(8,2);
      CREATE DOMAIN amount AS numeric;
      CREATE DOMAIN cheap AS price CHECK (value < 100);
      CREATE DOMAIN grid AS int[][];
      CREATE DOMAIN prices AS price[];
    `);
    bench = await SourceBench.open(postgres, { ownMoments: true });
  });
  afterAll(() => bench.close());

  const table = (type: string, values: readonly string[]): Promise<string> => makeTable(postgres, type, values);

  async function read(type: string, values: readonly string[]) {
    const { columns, rows } = await bench.read(postgresNode({ table: await table(type, values) }));
    return { type: columns[0]?.type, values: rows.map(([value]) => value) };
  }

  it.each([
    ['bool', ['true', 'NULL'], 'BOOLEAN', [null, 'true']],
    ['int2', ['-32768'], 'SMALLINT', ['-32768']],
    ['int4', ['2147483647'], 'INTEGER', ['2147483647']],
    ['int8', ['-9223372036854775808'], 'BIGINT', ['-9223372036854775808']],
    ['float4', ["'NaN'", "'-Infinity'", '0.1'], 'FLOAT', ['-inf', '0.1', 'nan']],
    ['float8', ["'NaN'", "'Infinity'", '0.1', "'-0'"], 'DOUBLE', ['-0.0', '0.1', 'inf', 'nan']],
    ['numeric(10,2)', ['1.5', '-99999999.99', 'NULL'], 'DECIMAL(10,2)', [null, '-99999999.99', '1.50']],
    ['numeric(38,0)', ["'99999999999999999999999999999999999999'"], 'DECIMAL(38,0)', ['9'.repeat(38)]],
    ['numeric(5,-2)', ['1234567', '-50'], 'DECIMAL(7,0)', ['-100', '1234600']],
    ['numeric(3,5)', ['0.00123'], 'DECIMAL(5,5)', ['.00123']],
    ['numeric(50,10)', ['1.5'], 'DECIMAL(38,9)', ['1.500000000']],
    [
      'numeric',
      ['1.5', '-99999999999999999999999999999.999999999', '0.1000000000000'],
      'DECIMAL(38,9)',
      ['-99999999999999999999999999999.999999999', '0.100000000', '1.500000000'],
    ],
    ['price', ['1.5'], 'DECIMAL(8,2)', ['1.50']],
    ['amount', ['1.5'], 'DECIMAL(38,9)', ['1.500000000']],
    ['cheap', ['1.5', 'NULL'], 'DECIMAL(8,2)', [null, '1.50']],
    ['text', ["''", 'NULL', "E'a\\nb'", "'ü€😀'"], 'VARCHAR', [null, '', 'a\nb', 'ü€😀']],
    ['varchar(5)', ["'ab '"], 'VARCHAR', ['ab ']],
    ['char(5)', ["'ab'"], 'VARCHAR', ['ab']],
    ['"char"', ["'x'"], 'VARCHAR', ['x']],
    ['name', ["'n'"], 'VARCHAR', ['n']],
    ['oid', ['4294967295'], 'VARCHAR', ['4294967295']],
    ['regclass', ["'pg_class'"], 'VARCHAR', ['pg_class']],
    ['mood', ["'it''s \"bad\"'", "'good'"], 'VARCHAR', ['good', 'it\'s "bad"']],
    [
      'json',
      [`'{"b": 1,  "a": 1.0, "a": 2}'`, "'null'", 'NULL'],
      'JSON',
      [null, 'null', '{"b": 1,  "a": 1.0, "a": 2}'],
    ],
    ['jsonb', [`'{"b": 1, "a": 12345678901234567890.10}'`], 'JSON', ['{"a": 12345678901234567890.10, "b": 1}']],
    ['uuid', ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], 'UUID', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
    ['bytea', ["'\\x00ff41'", "''"], 'BLOB', ['', '\\x00\\xFFA']],
    [
      'date',
      ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'"],
      'DATE',
      ['-infinity', '4713-01-01 (BC)', '5874897-12-31', 'infinity'],
    ],
    ['time', ["'24:00'", "'23:59:59.999999'"], 'TIME', ['23:59:59.999999', '24:00:00']],
    [
      'timestamp',
      ["'infinity'", "'-infinity'", "'0044-03-15 01:02:03.5 BC'", "'294247-01-10 04:00:54.775806'"],
      'TIMESTAMP',
      ['-infinity', '0044-03-15 (BC) 01:02:03.5', '294247-01-10 04:00:54.775806', 'infinity'],
    ],
    [
      'timestamptz',
      ["'infinity'", "'-infinity'", "'4713-01-01 00:00+00 BC'", "'2020-06-01 12:00+02'"],
      'TIMESTAMP WITH TIME ZONE',
      ['-infinity', '2020-06-01 10:00:00+00', '4713-01-01 (BC) 00:00:00+00', 'infinity'],
    ],
    [
      'interval',
      ["'1 year 2 mons 3 days 04:05:06.789'", "'1193:02:47.295'", "'0'"],
      'INTERVAL',
      ['00:00:00', '1 year 2 months 3 days 04:05:06.789', '1193:02:47.295'],
    ],
    ['timetz', ["'24:00+05:30'"], 'VARCHAR', ['24:00:00+05:30']],
    ['money', ["'1.5'"], 'VARCHAR', ['$1.50']],
    ['bit(3)', ["B'101'"], 'VARCHAR', ['101']],
    ['varbit', ["B'1'"], 'VARCHAR', ['1']],
    ['inet', ["'10.0.0.1'", "'10.0.0.1/8'"], 'VARCHAR', ['10.0.0.1', '10.0.0.1/8']],
    ['cidr', ["'10.0.0.0/8'"], 'VARCHAR', ['10.0.0.0/8']],
    ['int4range', ["'[1,5]'", "'empty'"], 'VARCHAR', ['[1,6)', 'empty']],
    ['tstzrange', ["'[2020-06-01 12:00+02,)'"], 'VARCHAR', ['["2020-06-01 10:00:00+00",)']],
    ['nummultirange', ["'{[1,2)}'"], 'VARCHAR', ['{[1,2)}']],
    ['xml', ["'<a/>'"], 'VARCHAR', ['<a/>']],
    ['point', ["'(1,2)'"], 'VARCHAR', ['(1,2)']],
    ['tsvector', ["'a b'"], 'VARCHAR', ["'a' 'b'"]],
    ['pair', ["ROW(1, 'x,y')"], 'VARCHAR', ['(1,"x,y")']],
  ])('%s is read exactly', async (type, values, expected, printed) => {
    expect(await read(type, values)).toEqual({ type: expected, values: printed });
  });

  it.each([
    ['int[]', ["'{1,NULL}'", "'{}'", 'NULL'], 'INTEGER[]', [null, '[1, NULL]', '[]']],
    ['int[3]', ["'{1,2}'"], 'INTEGER[]', ['[1, 2]']],
    ['int[]', ["'[0:1]={1,2}'"], 'INTEGER[]', ['[1, 2]']],
    ['int[][]', ["'{{1,2},{3,NULL}}'", "'{}'"], 'INTEGER[][]', ['[[1, 2], [3, NULL]]', '[]'].sort()],
    ['text[]', [`'{"a,b",NULL,"NULL",""}'`], 'VARCHAR[]', ["['a,b', NULL, 'NULL', '']"]],
    ['text[][]', [`'{{"a\\"b","{}"}}'`], 'VARCHAR[][]', [`[['a"b', '{}']]`]],
    ['bool[][]', ["'{{t,f}}'"], 'BOOLEAN[][]', ['[[true, false]]']],
    ['float8[][]', ["'{{NaN,-Infinity,1e-300,0.1}}'"], 'DOUBLE[][]', ['[[nan, -inf, 1e-300, 0.1]]']],
    ['numeric(5,2)[]', ["'{1.5,NULL}'"], 'DECIMAL(5,2)[]', ['[1.50, NULL]']],
    ['numeric[]', ["'{1.5}'"], 'DECIMAL(38,9)[]', ['[1.500000000]']],
    ['numeric[][]', ["'{{1.5}}'"], 'DECIMAL(38,9)[][]', ['[[1.500000000]]']],
    ['price[]', ["'{1.5}'"], 'DECIMAL(8,2)[]', ['[1.50]']],
    ['grid', ["'{{1},{2}}'"], 'INTEGER[][]', ['[[1], [2]]']],
    ['prices', ["'{1.5}'"], 'DECIMAL(8,2)[]', ['[1.50]']],
    ['mood[]', [`'{good,"it''s \\"bad\\""}'`], 'VARCHAR[]', [`[good, 'it\\'s "bad"']`]],
    ['json[]', [`ARRAY['{"a": 1}'::json, NULL]`], 'JSON[]', [`[{"a": 1}, NULL]`]],
    ['jsonb[][]', [`ARRAY[ARRAY['{"a": 1}'::jsonb]]`], 'JSON[][]', [`[[{"a": 1}]]`]],
    ['bytea[]', ["ARRAY['\\x00ff'::bytea, NULL]"], 'BLOB[]', ['[\\x00\\xFF, NULL]']],
    ['bytea[][]', ["ARRAY[ARRAY['\\x00ff'::bytea]]"], 'BLOB[][]', ['[[\\x00\\xFF]]']],
    ['date[]', ["'{infinity,0044-03-15 BC}'"], 'DATE[]', ["[infinity, '0044-03-15 (BC)']"]],
    ['date[][]', ["'{{infinity,0044-03-15 BC}}'"], 'DATE[][]', ["[[infinity, '0044-03-15 (BC)']]"]],
    ['time[][]', ["'{{24:00}}'"], 'TIME[][]', ["[['24:00:00']]"]],
    [
      'timestamp[][]',
      [`'{{-infinity,"0044-03-15 01:02:03.5 BC"}}'`],
      'TIMESTAMP[][]',
      ["[[-infinity, '0044-03-15 (BC) 01:02:03.5']]"],
    ],
    [
      'timestamptz[][]',
      [`'{{infinity,"0044-03-15 01:02:03.5+00 BC","2020-06-01 12:00+02"}}'`],
      'TIMESTAMP WITH TIME ZONE[][]',
      ["[[infinity, '0044-03-15 (BC) 01:02:03.5+00', '2020-06-01 10:00:00+00']]"],
    ],
    ['uuid[]', ["'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"], 'UUID[]', ['[a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11]']],
    ['interval[]', ["'{-1 day,1 us}'"], 'VARCHAR[]', ["[-1 days, '00:00:00.000001']"]],
    ['pair[]', [`ARRAY[ROW(1, 'x')::pair]`], 'VARCHAR[]', ["['(1,x)']"]],
    ['int4range[]', [`ARRAY['[1,2)'::int4range]`], 'VARCHAR[]', ["['[1,2)']"]],
    ['inet[]', ["'{10.0.0.1,NULL}'"], 'VARCHAR[]', ['[10.0.0.1, NULL]']],
    ['money[]', ["'{1.5}'"], 'VARCHAR[]', ['[$1.50]']],
    ['int2vector', ["'1 2'"], 'VARCHAR', ['1 2']],
  ])('%s is read as a list', async (type, values, expected, printed) => {
    expect(await read(type, values)).toEqual({ type: expected, values: printed });
  });

  it.each([
    ['numeric(10,2)', "'NaN'", 'NaN', 'DECIMAL(10,2)', 'DOUBLE or VARCHAR'],
    ['numeric', "'NaN'", 'NaN', 'DECIMAL(38,9)', 'DOUBLE or VARCHAR'],
    ['numeric', "'-Infinity'", '-Infinity', 'DECIMAL(38,9)', 'DOUBLE or VARCHAR'],
    ['numeric', '1e29', '1' + '0'.repeat(29), 'DECIMAL(38,9)', 'VARCHAR or a DECIMAL with enough digits'],
    ['numeric', '0.0000000001', '0.0000000001', 'DECIMAL(38,9)', 'VARCHAR or a DECIMAL with enough digits'],
    ['numeric(50,10)', '0.0000000001', '0.0000000001', 'DECIMAL(38,9)', 'VARCHAR or a DECIMAL with enough digits'],
    ['numeric(5,-2)', "'NaN'", 'NaN', 'DECIMAL(7,0)', 'DOUBLE or VARCHAR'],
    ['price', "'NaN'", 'NaN', 'DECIMAL(8,2)', 'DOUBLE or VARCHAR'],
    ['timestamp', "'294247-01-10 04:00:54.775807'", '294247-01-10 04:00:54.775807', 'TIMESTAMP', 'VARCHAR'],
    ['timestamptz', "'294276-12-31 23:00+00'", '294276-12-31 23:00:00+00', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR'],
    ['interval', "'-1 day'", '-1 days', 'INTERVAL', 'VARCHAR'],
    ['interval', "'1 mon -1 day'", '1 mon -1 days', 'INTERVAL', 'VARCHAR'],
    ['interval', "'1 us'", '00:00:00.000001', 'INTERVAL', 'VARCHAR'],
    ['interval', "'1193:02:47.296'", '1193:02:47.296', 'INTERVAL', 'VARCHAR'],
    ['int[]', "'{{1,2}}'", '{{1,2}}', 'INTEGER[]', 'INTEGER[][] or VARCHAR'],
    ['int[][]', "'{1,2}'", '{1,2}', 'INTEGER[][]', 'INTEGER[] or VARCHAR'],
    ['numeric[]', "'{1,NaN}'", '{1,NaN}', 'DECIMAL(38,9)[]', 'VARCHAR'],
    ['numeric(5,2)[][]', "'{{1,NaN}}'", '{{1.00,NaN}}', 'DECIMAL(5,2)[][]', 'VARCHAR'],
    ['timestamp[]', "'{294276-12-31}'", '{"294276-12-31 00:00:00"}', 'TIMESTAMP[]', 'VARCHAR'],
    ['json', `'"\\ud800"'`, '"\\ud800"', 'JSON', 'VARCHAR'],
  ])('%s fails with the value %s', async (type, value, printed, target, wider) => {
    const name = await table(type, ['NULL', value]);
    const shown = await postgres.rows(
      `SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '${name}'::regclass AND attname = 'c'`,
    );
    expect(await failureOf(bench.read(postgresNode({ table: name })))).toMatchObject({
      code: 'value-not-held',
      message: `source.orders cannot be read: column 'c' (${shown[0]?.[0]}) contains ${printed}, which ${target} cannot hold.`,
      hint: `Declare the column as ${wider} under \`schema\`, or cast it in \`params.query\`: "c"::text.`,
    });
    expect(bench.staged().filter(file => !file.endsWith('.parquet'))).toEqual([]);
  });

  it('reads constants of a query, which the server evaluates in advance', async () => {
    const query = `SELECT 1.5::numeric AS n, 1.5::numeric(5,2) AS p, interval '1 day' AS i,
      timestamp '2020-01-01' AS t, timestamptz '2020-01-01+00' AS z, ARRAY[1.5]::numeric[] AS a, ARRAY[1] AS b`;
    const { rows, columns } = await bench.read(postgresNode({ options: { query } }));
    expect(columns.map(({ type }) => type)).toEqual([
      ...['DECIMAL(38,9)', 'DECIMAL(5,2)', 'INTERVAL', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'],
      ...['DECIMAL(38,9)[]', 'INTEGER[]'],
    ]);
    const times = ['2020-01-01 00:00:00', '2020-01-01 00:00:00+00'];
    expect(rows).toEqual([['1.500000000', '1.50', '1 day', ...times, '[1.500000000]', '[1]']]);
    const nan = postgresNode({ options: { query: "SELECT 1 AS a, 'NaN'::numeric AS n" } });
    expect(await failureOf(bench.read(nan))).toMatchObject({
      code: 'value-not-held',
      message: "source.orders cannot be read: column 'n' (numeric) contains NaN, which DECIMAL(38,9) cannot hold.",
    });
  });

  it('knows the declared dimensions of columns that a query takes from a table', async () => {
    const name = await table('int[][]', ["'{{1}}'"]);
    const { columns } = await bench.read(postgresNode({ options: { query: `SELECT c FROM ${name}` } }));
    expect(columns).toEqual([{ name: 'c', type: 'INTEGER[][]' }]);
  });
});
