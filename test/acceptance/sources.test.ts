import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { addSource, emptyProject, mistakesOf } from './mistakes.ts';

/** Writes a file from a query, through the one-shot REPL. */
const make = (project: TestProject, sql: string, file: string) => project.ok('repl', '-e', sql, '--output', file);

describe('sources', () => {
  const rows = (project: TestProject, name: string) => project.query(`FROM "source_${name}"`);

  it('read CSV with options of every kind', async () => {
    const project = emptyProject();
    project.write('data/plain.csv', 'id;amount;at\n1;1.234,5;31.12.2024\n2;-;\n');
    project.write('data/lines.csv', '# a comment\n\nskip me\n1|"a|b"|x\n2|NULL|"it""s"\n');
    writeFileSync(project.path('data/latin.csv'), Buffer.from('id,name\n1,Zoë\n', 'latin1'));
    project.write('data/ragged.csv', 'a,b,c\n1,2,3\n4,5\n');
    project.write('data/text.csv', 'id,code\n1,007\n');
    addSource(project, 'plain', {
      source: 'csv',
      table: 'data/plain.csv',
      params: {
        delimiter: ';',
        header: true,
        decimal_separator: ',',
        thousands: '.',
        dateformat: '%d.%m.%Y',
        nullstr: ['', '-'],
        types: { amount: 'DOUBLE', at: 'DATE' },
      },
    });
    addSource(project, 'lines', {
      source: 'csv',
      table: 'data/lines.csv',
      params: {
        sep: '|',
        skip: 3,
        header: false,
        names: ['n', 'left', 'right'],
        quote: '"',
        escape: '"',
        nullstr: ['NULL'],
      },
    });
    addSource(project, 'latin', { source: 'csv', table: 'data/latin.csv', params: { encoding: 'latin-1' } });
    addSource(project, 'ragged', {
      source: 'csv',
      table: 'data/ragged.csv',
      params: { null_padding: true, header: true },
    });
    addSource(project, 'text', { source: 'csv', table: 'data/text.csv', params: { all_varchar: true } });
    await project.ok('run');
    expect(await rows(project, 'plain')).toEqual([
      { id: 1, amount: 1234.5, at: '2024-12-31' },
      { id: 2, amount: null, at: null },
    ]);
    expect(await rows(project, 'lines')).toEqual([
      { n: 1, left: 'a|b', right: 'x' },
      { n: 2, left: null, right: 'it"s' },
    ]);
    expect(await rows(project, 'latin')).toEqual([{ id: 1, name: 'Zoë' }]);
    expect(await rows(project, 'ragged')).toEqual([
      { a: 1, b: 2, c: 3 },
      { a: 4, b: 5, c: null },
    ]);
    expect(await rows(project, 'text')).toEqual([{ id: '1', code: '007' }]);
  });

  it('read Parquet, JSON, JSON lines and globs, with file names and partitions', async () => {
    const project = emptyProject();
    mkdirSync(project.path('data'));
    await make(project, 'SELECT 1 AS id, [1, 2] AS list', 'data/a.parquet');
    await make(project, 'SELECT 2 AS id, [3] AS list', 'data/b.parquet');
    project.write('data/all.json', '[{"id": 1, "deep": {"x": "a"}}, {"id": 2, "deep": null}]');
    project.write('data/log.jsonl', '{"id": 1}\n{"id": 2, "late": true}\n');
    project.write('data/year=2023/x.csv', 'id\n1\n');
    project.write('data/year=2024/y.csv', 'id\n2\n');
    addSource(project, 'pq', { source: 'parquet', table: 'data/*.parquet' });
    addSource(project, 'js', { source: 'json', table: 'data/all.json' });
    addSource(project, 'jl', { source: 'jsonl', table: 'data/log.jsonl' });
    addSource(project, 'parts', {
      source: 'csv',
      table: 'data/year=*/*.csv',
      params: { hive_partitioning: true, filename: true },
    });
    addSource(project, 'flat', { source: 'csv', table: 'data/**/[xy].csv' });
    await project.ok('run');
    expect(await project.query('SELECT id, list FROM source_pq ORDER BY id')).toEqual([
      { id: 1, list: [1, 2] },
      { id: 2, list: [3] },
    ]);
    expect(await rows(project, 'js')).toEqual([
      { id: 1, deep: { x: 'a' } },
      { id: 2, deep: null },
    ]);
    expect(await rows(project, 'jl')).toEqual([
      { id: 1, late: null },
      { id: 2, late: true },
    ]);
    expect(await project.query('SELECT id, year, filename FROM source_parts ORDER BY id')).toEqual([
      { id: 1, year: 2023, filename: 'data/year=2023/x.csv' },
      { id: 2, year: 2024, filename: 'data/year=2024/y.csv' },
    ]);
    expect(await project.query('FROM source_flat ORDER BY id')).toEqual([
      { id: 1, year: 2023 },
      { id: 2, year: 2024 },
    ]);
  });

  it('refuse unknown options with position and suggestion', async () => {
    const project = emptyProject();
    project.write('data/s.csv', 'id\n1\n');
    addSource(project, 's', { source: 'csv', table: 'data/s.csv', params: { delimitr: ';', store_rejects: true } });
    addSource(project, 't', { source: 'cvs', table: 'data/s.csv' });
    addSource(project, 'u', { source: 'starrocks', table: 'public.x' });
    expect((await mistakesOf(project)).map(({ code, file, hint }) => [file, code, hint])).toEqual([
      ['seeknal/s.yml', 'unknown-option', "Did you mean 'delimiter'?"],
      ['seeknal/s.yml', 'refused-option', "Remove 'store_rejects'."],
      ['seeknal/t.yml', 'unknown-source-type', "Did you mean 'csv'?"],
      ['seeknal/u.yml', 'not-yet-supported', 'Supported: csv, parquet, json, jsonl, postgresql.'],
    ]);
  });

  it('check the data against a schema: names, order and types', async () => {
    const project = emptyProject();
    const schema = (...columns: readonly string[]) =>
      columns.map(column => ({ name: column.split(' ')[0], data_type: column.split(' ')[1] }));
    project.write('data/s.csv', 'id,code\n1,007\n');
    project.write('data/bare.csv', '1,a\n');
    project.write('data/s.jsonl', '{"ID": "1"}\n{"later": "2024-02-29"}\n');
    mkdirSync(project.path('out'));
    await make(project, "SELECT '1' AS id, 2 AS n", 'out/p.parquet');
    addSource(project, 'csv', { source: 'csv', table: 'data/s.csv', schema: schema('code VARCHAR', 'id BIGINT') });
    addSource(project, 'bare', {
      source: 'csv',
      table: 'data/bare.csv',
      params: { header: false },
      schema: schema('n SMALLINT', 't VARCHAR'),
    });
    addSource(project, 'json', { source: 'jsonl', table: 'data/s.jsonl', schema: schema('id INTEGER', 'later DATE') });
    addSource(project, 'pq', {
      source: 'parquet',
      table: 'out/p.parquet',
      schema: schema('n DECIMAL(9,2)', 'id INTEGER'),
    });
    await project.ok('run');
    expect(await rows(project, 'csv')).toEqual([{ code: '007', id: 1 }]);
    expect(await rows(project, 'bare')).toEqual([{ n: 1, t: 'a' }]);
    expect(await rows(project, 'json')).toEqual([
      { id: 1, later: null },
      { id: null, later: '2024-02-29' },
    ]);
    expect(await project.query('SELECT n, id, typeof(n) AS t FROM source_pq')).toEqual([
      { n: '2.00', id: 1, t: 'DECIMAL(9,2)' },
    ]);

    addSource(project, 'csv', { source: 'csv', table: 'data/s.csv', schema: schema('id BIGINT', 'kode VARCHAR') });
    addSource(project, 'pq', { source: 'parquet', table: 'out/p.parquet', schema: schema('id INTEGER') });
    addSource(project, 'json', { source: 'jsonl', table: 'data/s.jsonl', schema: schema('id INTEGER', 'at DATE') });
    expect((await mistakesOf(project)).map(({ file, code, message }) => [file, code, message])).toEqual([
      [
        'seeknal/csv.yml',
        'schema-mismatch',
        'The data of source.csv does not match its schema: it lacks kode and has code, which the schema does not declare.',
      ],
      [
        'seeknal/json.yml',
        'schema-mismatch',
        'The data of source.json does not match its schema: it lacks at and has later, which the schema does not declare.',
      ],
      [
        'seeknal/pq.yml',
        'schema-mismatch',
        'The data of source.pq does not match its schema: it has n, which the schema does not declare.',
      ],
    ]);
    addSource(project, 'json', { source: 'jsonl', table: 'data/s.jsonl' });
    addSource(project, 'csv', { source: 'csv', table: 'data/s.csv', schema: schema('id DATE', 'code VARCHAR') });
    addSource(project, 'pq', {
      source: 'parquet',
      table: 'out/p.parquet',
      schema: schema('id INTEGER) AS id, (n INTEGER', 'n INTEGER'),
    });
    expect((await mistakesOf(project)).map(({ code, file }) => [file, code])).toEqual([['seeknal/pq.yml', 'bad-type']]);
    addSource(project, 'pq', { source: 'parquet', table: 'out/p.parquet' });
    const failed = await project.run(['run']);
    expect([failed.code, failed.stdout.includes('source.csv cannot be read')]).toEqual([1, true]);
  });

  it('find JSON keys in any position, and accept files without rows with a schema', async () => {
    const project = emptyProject();
    const schema = [{ name: 'id', data_type: 'INTEGER' }];
    const lines = Array.from({ length: 30_000 }, (_, id) => JSON.stringify(id === 29_999 ? { id, late: 1 } : { id }));
    project.write('data/late.jsonl', lines.join('\n'));
    project.write('data/none.json', '[]');
    project.write('data/none.jsonl', '');
    project.write('data/none.csv', '');
    project.write('data/wrong.jsonl', '{"id": "x"}\n');
    addSource(project, 'late', { source: 'jsonl', table: 'data/late.jsonl', schema });
    addSource(project, 'csv', { source: 'csv', table: 'data/none.csv', schema });
    expect((await mistakesOf(project)).map(({ message }) => message)).toEqual([
      'source.csv cannot be read: data/none.csv is empty.',
      'The data of source.late does not match its schema: it has late, which the schema does not declare.',
    ]);
    project.remove('seeknal/late.yml');
    project.remove('seeknal/csv.yml');
    addSource(project, 'none', { source: 'json', table: 'data/none.json', schema });
    addSource(project, 'lines', { source: 'jsonl', table: 'data/none.jsonl', schema });
    await project.ok('run');
    expect(await rows(project, 'none')).toEqual([]);
    expect(await project.query('DESCRIBE source_lines')).toMatchObject([{ column_name: 'id', column_type: 'INTEGER' }]);
    addSource(project, 'lines', { source: 'jsonl', table: 'data/wrong.jsonl', schema });
    const { stdout } = await project.run(['run', '--json']);
    expect(
      (JSON.parse(stdout) as { diagnostics: { message: string }[] }).diagnostics.map(({ message }) => message),
    ).toEqual(["source.lines cannot be read: 'x' in line 1 of data/wrong.jsonl is not a valid number."]);
  });

  it('with a schema declare the columns that the reader adds', async () => {
    const project = emptyProject();
    const schema = ['id', 'filename', 'y'].map(name => ({ name, data_type: name === 'id' ? 'INTEGER' : 'VARCHAR' }));
    const params = { filename: true, hive_partitioning: true };
    project.write('data/y=1/s.csv', '1\n');
    project.write('data/y=2/s.jsonl', '{"id": 2}\n');
    addSource(project, 'csv', { source: 'csv', table: 'data/*/*.csv', schema, params: { ...params, header: false } });
    addSource(project, 'json', { source: 'jsonl', table: 'data/*/*.jsonl', schema, params });
    await project.ok('run');
    expect([...(await rows(project, 'csv')), ...(await rows(project, 'json'))]).toEqual([
      { id: 1, filename: 'data/y=1/s.csv', y: '1' },
      { id: 2, filename: 'data/y=2/s.jsonl', y: '2' },
    ]);
  });

  it('are decompressed by extension in a folder with a question mark', async () => {
    const project = emptyProject(join(temporaryFolder(), 'what?'));
    mkdirSync(project.path('data'));
    writeFileSync(project.path('data/a.csv.gz'), gzipSync('id\n1\n'));
    addSource(project, 'a', { source: 'csv', table: 'data/*.csv.gz' });
    await project.ok('run');
    expect(await rows(project, 'a')).toEqual([{ id: 1 }]);
  });

  it('show the line of a mistake in the data', async () => {
    const project = emptyProject();
    project.write('data/a.csv', 'id\n1\n');
    project.write('seeknal/gone.yml', 'kind: source\nname: gone\nsource: csv\ntable: "data/gone.csv" # later\n');
    project.write(
      'seeknal/a.yml',
      'kind: source\nname: a\nsource: csv\ntable: data/a.csv\ncolumns: { id: { dtype: VARCHAR } }\n',
    );
    expect((await project.run(['validate'])).stderr).toBe(
      [
        "seeknal/a.yml:5:12: error[column-type]: The column 'id' of source.a is BIGINT, declared as VARCHAR.",
        '  5 | columns: { id: { dtype: VARCHAR } }',
        '    |            ^^',
        '  hint: Declare BIGINT, or cast the column.',
        'seeknal/gone.yml:4:9: error[source-missing]: File data/gone.csv does not exist.',
        '  4 | table: "data/gone.csv" # later',
        '    |         ^^^^^^^^^^^^^',
        '  hint: Check the path. It is relative to the project root.',
        'error[invalid-project]: The project has 2 mistakes.',
        '',
      ].join('\n'),
    );
  });

  it('accept files without rows, and refuse unreadable files without a stack trace', async () => {
    const project = emptyProject();
    project.write('data/head.csv', 'id,name\n');
    project.write('data/nothing.csv', '');
    project.write('data/bom.csv', '\uFEFFid,name\r\n1,é\r\n');
    project.write('data/long.csv', `id,t\n1,${'x'.repeat(2_100_000)}\n`);
    writeFileSync(project.path('data/noise.parquet'), Buffer.alloc(100, 7));
    writeFileSync(project.path('data/latin.csv'), Buffer.from('id,name\n1,Zoë\n', 'latin1'));
    mkdirSync(project.path('data/folder'));
    for (const name of ['head', 'nothing', 'bom'])
      addSource(project, name, { source: 'csv', table: `data/${name}.csv` });
    await project.ok('run');
    expect(await project.query('SELECT column_name FROM (DESCRIBE source_head)')).toEqual([
      { column_name: 'id' },
      { column_name: 'name' },
    ]);
    expect(await rows(project, 'bom')).toEqual([{ id: 1, name: 'é' }]);
    const production = () =>
      ['generations', 'heads', 'artefacts'].map(folder => project.snapshot(`target/store/${folder}`));
    const before = production();

    addSource(project, 'long', { source: 'csv', table: 'data/long.csv' });
    addSource(project, 'noise', { source: 'parquet', table: 'data/noise.parquet' });
    addSource(project, 'latin', { source: 'csv', table: 'data/latin.csv' });
    addSource(project, 'folder', { source: 'csv', table: 'data/folder' });
    addSource(project, 'gone', { source: 'csv', table: 'data/gone.csv' });
    addSource(project, 'glob', { source: 'csv', table: 'data/*.tsv' });
    const outcome = await project.run(['run']);
    expect(outcome.code).toBe(1);
    for (const name of ['long', 'noise', 'latin', 'folder', 'gone', 'glob']) {
      expect(outcome.stderr).toMatch(
        new RegExp(`^seeknal/${name}\\.yml:1:\\d+: error\\[source-(unreadable|missing)\\]`, 'm'),
      );
    }
    expect(outcome.stderr).toContain('data/folder is a folder, not a file.\n');
    expect(outcome.stderr).toContain('hint: To read the files in it, use a pattern such as data/folder/*.csv.');
    expect(outcome.stderr.length).toBeLessThan(5000);
    expect(production()).toEqual(before);
  });
});
