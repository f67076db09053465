import { describe, expect, it } from 'vitest';
import { addNode, type Document, inlineProject } from './harness.ts';
import { mistakesOf } from './mistakes.ts';

describe('transforms', () => {
  it('read their inputs in every spelling', async () => {
    const project = inlineProject({ 'source.raw': 'id\n1\n', 'source.more': 'id\n2\n' });
    const spellings = [
      "ref('source.raw')",
      'ref("source.raw")',
      "REF ( 'source.raw' )",
      `"ref"('source.raw')`,
      'input_0',
      'source.raw',
      'SOURCE.Raw',
      '"source"."raw"',
      '{{ first }}',
    ];
    for (const [index, spelling] of spellings.entries()) {
      project.write(
        `seeknal/t${index}.yml`,
        `kind: transform\nname: t${index}\ninputs:\n  - first: ref:source.raw\n  - ref: source.more\ntransform: |\n  SELECT a.id, b.id AS other FROM ${spelling} a, input_1 b\n`,
      );
    }
    project.write(
      'seeknal/this.yml',
      'kind: transform\nname: this\ninputs: [{ ref: source.raw }]\ntransform: SELECT id FROM __THIS__\n',
    );
    project.write('sql/file.sql', '\uFEFFSELECT id\r\nFROM input_0\r\n');
    project.write(
      'seeknal/file.yml',
      'kind: transform\nname: file\ninputs: [{ ref: source.raw }]\ntransform_file: sql/file.sql\n',
    );
    await project.ok('run');
    const all = spellings.map((_, index) => `FROM transform_t${index}`).join(' UNION ALL ');
    expect(await project.query(all)).toEqual(spellings.map(() => ({ id: 1, other: 2 })));
    expect(await project.query('FROM transform_this UNION ALL FROM transform_file')).toEqual([{ id: 1 }, { id: 1 }]);
  });

  it('may create temporary tables, views and macros that only they see', async () => {
    const project = inlineProject({
      'source.raw': 'id\n1\n2\n',
      'transform.a':
        "CREATE TEMP TABLE step AS SELECT id FROM ref('source.raw');\nCREATE VIEW twice AS SELECT id * 2 AS id FROM step;\nCREATE MACRO plus(x) AS x + 1;\nSELECT plus(id) AS id FROM twice",
      'transform.b': "CREATE TABLE step AS SELECT 'other' AS id;\nSELECT step.id FROM step, ref('source.raw') r",
    });
    await project.ok('run');
    expect(await project.query('FROM transform_a ORDER BY id')).toEqual([{ id: 3 }, { id: 5 }]);
    expect(await project.query('FROM transform_b')).toEqual([{ id: 'other' }, { id: 'other' }]);
  });

  it('are refused if they write, read files themselves or do not bind, with the position', async () => {
    const project = inlineProject({ 'source.raw': 'id,v\n1,a\n' });
    const cases: readonly (readonly [string, string, number])[] = [
      ['CREATE TABLE x AS SELECT 1; DROP TABLE x; SELECT 1 AS a', 'statement-not-allowed', 31],
      ['INSERT INTO x VALUES (1)', 'not-a-query', 3],
      ["COPY (SELECT 1) TO 'x.csv'", 'not-a-query', 3],
      ["ATTACH 'x.db'; SELECT 1 AS a", 'statement-not-allowed', 3],
      ['CREATE TABLE source.raw AS SELECT 1 AS a; SELECT 1 AS a', 'qualified-name', 16],
      ["SELECT * FROM 'data/raw.csv'", 'reads-outside', 17],
      ["SELECT * FROM read_csv('data/raw.csv')", 'reads-outside', 17],
      ['SELECT * FROM duckdb_tables()', 'reads-outside', 17],
      ["SELECT * FROM ref('source.raww')", 'reference-not-in-inputs', 22],
      ['SELECT * FROM input_1', 'unknown-input', 17],
      ['SELECT idd FROM input_0', 'unknown-column', 10],
      ['SELECT * FROM nowhere', 'unknown-table', 17],
      ['SELECT nofunction(id) AS a FROM input_0', 'unknown-function', 10],
      ['SELECT 1 AS a, 2 AS a', 'duplicate-column', 23],
      ['SELECT union_value(a := 1) AS u', 'unstorable-type', 33],
      ["SELECT 'open FROM input_0", 'sql-syntax', 10],
      ['-- nothing', 'no-query', 3],
    ];
    for (const [sql, code, column] of cases) {
      project.write(
        'seeknal/m.yml',
        `kind: transform\nname: m\ninputs: [{ ref: source.raw }]\ntransform: |\n  ${sql}\n`,
      );
      const found = await mistakesOf(project, 'plan');
      expect(
        found.map(entry => [entry.code, entry.file, entry.line, entry.column]),
        sql,
      ).toEqual([[code, 'seeknal/m.yml', 5, column]]);
    }
    expect(project.exists('x.csv')).toBe(false);
    expect(project.exists('target/store')).toBe(false);
  });

  it('convert types that Parquet cannot hold', async () => {
    const project = inlineProject({
      'transform.types': [
        "SELECT sum(1::BIGINT) AS h, 5::UHUGEINT AS u, 'a'::ENUM ('a', 'b') AS e, '101'::BIT AS b,",
        "  '12:00:00.000000001'::TIME_NS AS n, [1, 2]::INTEGER[2] AS l, TIMESTAMP_S '2024-01-01 00:00:00' AS s,",
        "  {'x': 1::HUGEINT, 'y': ['a'::ENUM ('a')]} AS d",
      ].join('\n'),
    });
    project.write(
      'seeknal/below.yml',
      'kind: transform\nname: below\ninputs: [{ ref: transform.types }]\ntransform: SELECT typeof(COLUMNS(*)) FROM input_0\n',
    );
    const result = await project.document('run');
    expect(result['status']).toBe('done');
    const types = {
      h: 'DECIMAL(38,0)',
      u: 'DECIMAL(38,0)',
      e: 'VARCHAR',
      b: 'VARCHAR',
      n: 'VARCHAR',
      l: 'INTEGER[]',
      s: 'TIMESTAMP',
      d: 'STRUCT(x DECIMAL(38,0), y VARCHAR[])',
    };
    expect(await project.query('FROM transform_below')).toEqual([types]);
    expect(await project.query('SELECT h, u, e, b, n, l, d FROM transform_types')).toEqual([
      { h: 1, u: 5, e: 'a', b: '101', n: '12:00:00.000000001', l: [1, 2], d: { x: 1, y: ['a'] } },
    ]);
    const plan = await project.document('env', 'plan', 'dev');
    const schema = project.node(plan, 'transform.types')['schema'] as { name: string; type: string }[];
    expect(Object.fromEntries(schema.map(column => [column.name, column.type]))).toEqual(types);
    addNode(project, 'transform.types', 'SELECT 170141183460469231731687303715884105727::HUGEINT AS h');
    project.remove('seeknal/below.yml');
    const failed = await project.run(['run', '--json']);
    expect(failed.code).toBe(1);
    expect(project.node(JSON.parse(failed.stdout) as Document, 'transform.types')['error']).toMatchObject({
      message: expect.stringContaining('DECIMAL(38,0)'),
    });
  });

  it('keep intervals exact or fail; intervals inside other types become text', async () => {
    const project = inlineProject({
      'transform.kept':
        "SELECT [INTERVAL '1.0005 seconds'] AS l, {'s': INTERVAL (-1) DAY} AS d, INTERVAL 3 MONTH AS i, INTERVAL '1193:02:47.295' AS most",
      'transform.fine': "SELECT INTERVAL '1.0005 seconds' AS \"a 'b\"",
      'transform.less': 'SELECT INTERVAL 1 MONTH - INTERVAL 1 MINUTE AS i',
      'transform.long': "SELECT INTERVAL '1193:02:47.296' AS i",
    });
    const { stdout } = await project.run(['run', '--continue-on-error', '--json']);
    const document = JSON.parse(stdout) as Document;
    expect(['fine', 'less', 'long'].map(name => project.node(document, `transform.${name}`)['error'])).toMatchObject([
      { message: expect.stringMatching(/an interval with microseconds cannot be stored: cast "a 'b" to VARCHAR$/) },
      { message: expect.stringMatching(/a negative interval cannot be stored: cast "i" to VARCHAR$/) },
      { message: expect.stringMatching(/an interval with a time of more than 1193 hours cannot be stored: cast "i"/) },
    ]);
    for (const name of ['fine', 'less', 'long']) project.remove(`seeknal/${name}.yml`);
    await project.ok('run');
    expect(await project.query('FROM transform_kept')).toEqual([
      { l: ['00:00:01.0005'], d: { s: '-1 day' }, i: '3 months', most: '1193:02:47.295' },
    ]);
  });
});
