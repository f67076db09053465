import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { failureOf, makeTable, postgresNode, SourceBench, type SourceFields } from '../source-bench.testing.ts';

describePostgres('types of the schema of a PostgreSQL source', () => {
  let postgres: TestPostgres;
  let bench: SourceBench;
  beforeAll(async () => {
    postgres = await startPostgres();
    bench = await SourceBench.open(postgres, { ownMoments: true });
  });
  afterAll(() => bench.close());

  const source = async (type: string, values: readonly string[], asked: string): Promise<SourceFields> => ({
    table: await makeTable(postgres, type, values),
    schema: [{ name: 'c', type: asked }],
  });

  it.each([
    [
      'numeric',
      ["'NaN'", "'-Infinity'", '1e400', '0.10'],
      'VARCHAR',
      'VARCHAR',
      ['-Infinity', '0.10', `1${'0'.repeat(400)}`, 'NaN'],
    ],
    ['numeric', ["'NaN'", '0.1'], 'DOUBLE', 'DOUBLE', ['0.1', 'nan']],
    ['numeric', ['0.1'], 'FLOAT', 'FLOAT', ['0.1']],
    ['numeric', ['1.5'], 'numeric(20, 12)', 'DECIMAL(20,12)', ['1.500000000000']],
    ['numeric(50,10)', ['1.5'], 'DECIMAL(10,1)', 'DECIMAL(10,1)', ['1.5']],
    ['numeric', ['12'], 'INTEGER', 'INTEGER', ['12']],
    ['numeric', ['1e37'], 'HUGEINT', 'DECIMAL(38,0)', [`1${'0'.repeat(37)}`]],
    ['int4', ['7'], 'BIGINT', 'BIGINT', ['7']],
    ['int4', ['7'], 'VARCHAR', 'VARCHAR', ['7']],
    ['int8', ['7'], 'TINYINT', 'TINYINT', ['7']],
    ['text', ["'2020-01-31'"], 'DATE', 'DATE', ['2020-01-31']],
    ['text', ["' 1.50 '"], 'DECIMAL(5,1)', 'DECIMAL(5,1)', ['1.5']],
    ['timestamp', ["'2020-01-31 00:00'"], 'DATE', 'DATE', ['2020-01-31']],
    ['interval', ["'-1 day'"], 'VARCHAR', 'VARCHAR', ['-1 days']],
    ['int[]', ["'{{1,2},{3,4}}'"], 'INTEGER[][]', 'INTEGER[][]', ['[[1, 2], [3, 4]]']],
    ['int[]', ["'{{1,2},{3,4}}'"], 'VARCHAR', 'VARCHAR', ['{{1,2},{3,4}}']],
    ['numeric[]', ["'{1.5,NaN}'"], 'DOUBLE[]', 'DOUBLE[]', ['[1.5, nan]']],
    ['numeric[]', ["'{1.55}'"], 'DECIMAL(5,2)[]', 'DECIMAL(5,2)[]', ['[1.55]']],
    ['numeric[]', ["'{{1.5,NaN}}'"], 'VARCHAR[][]', 'VARCHAR[][]', ['[[1.5, NaN]]']],
    ['int[]', ["'{1,NULL}'"], 'BIGINT[]', 'BIGINT[]', ['[1, NULL]']],
    ['jsonb', [`'{"a": 1}'`], 'VARCHAR', 'VARCHAR', ['{"a": 1}']],
  ])('%s is read as the schema says: %s as %s', async (type, values, asked, expected, printed) => {
    const { columns, rows } = await bench.read(postgresNode(await source(type, values, asked)));
    expect(columns).toEqual([{ name: 'c', type: expected }]);
    expect(rows).toEqual([...printed].sort().map(value => [value]));
  });

  it.each([
    ['numeric', '1.55', 'DECIMAL(5,1)', '1.55'],
    ['numeric', '12345', 'DECIMAL(5,1)', '12345'],
    ['numeric', '1.5', 'INTEGER', '1.5'],
    ['numeric', '3e9', 'INTEGER', '3000000000'],
    ['int8', '3000000000', 'INTEGER', '3000000000'],
    ['float8', '2.5', 'INTEGER', '2.5'],
    ['text', "'1.5'", 'INTEGER', '1.5'],
    ['text', "'1.55'", 'DECIMAL(5,1)', '1.55'],
    ['text', "'x'", 'DATE', 'x'],
    ['timestamp', "'2020-01-31 01:00'", 'DATE', '2020-01-31 01:00:00'],
    ['int[]', "'{1,300}'", 'TINYINT[]', '[1, 300]'],
  ])('%s with the value %s fails as %s', async (type, value, asked, printed) => {
    expect(await failureOf(bench.read(postgresNode(await source(type, [value], asked))))).toMatchObject({
      code: 'value-not-held',
      message: expect.stringContaining(`contains ${printed}, which ${asked} cannot hold`) as string,
    });
  });
});
