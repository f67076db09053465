import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { brokenParquet } from '../../src/engine/broken-parquet.testing.ts';
import { addNode, inlineProject, type TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { addSource, emptyProject, type Mistake } from './mistakes.ts';

interface RunDocument {
  readonly status: string;
  readonly nodes: readonly { readonly id: string; readonly status: string; readonly reason: string }[];
  readonly diagnostics: readonly Mistake[];
}

/** The document of a run that must fail. */
async function failedRun(project: TestProject, ...args: string[]): Promise<RunDocument> {
  const outcome = await project.run(['run', ...args, '--json']);
  expect(outcome.code, outcome.stdout).toBe(1);
  expect(outcome.stderr).not.toMatch(/Stack Trace|\n\s+at .*\.(js|ts):\d+/);
  return JSON.parse(outcome.stdout) as RunDocument;
}

const statuses = ({ nodes }: RunDocument) => Object.fromEntries(nodes.map(({ id, status }) => [id, status]));

const write = (project: TestProject, path: string, bytes: string | Buffer): void => {
  mkdirSync(join(project.path(path), '..'), { recursive: true });
  writeFileSync(project.path(path), bytes);
};

/** Two branches; one reads `data/bad.csv`. */
async function twoBranches(): Promise<TestProject> {
  const project = inlineProject({
    'source.bad': 'id,amount\n1,30\n2,25\n',
    'source.good': 'id,amount\n1,30\n2,25\n',
    'transform.below': "SELECT count(*) AS n FROM ref('source.bad')",
    'transform.deep': "SELECT n + 1 AS n FROM ref('transform.below')",
    'transform.other': "SELECT sum(amount) AS a FROM ref('source.good')",
  });
  await project.ok('run');
  project.write('data/good.csv', 'id,amount\n1,31\n2,25\n');
  return project;
}

describe('a source that cannot be read', () => {
  const BROKEN: readonly (readonly [string, (project: TestProject) => void, RegExp])[] = [
    [
      'has a line that is not valid UTF-8',
      project => write(project, 'data/bad.csv', Buffer.from('id,amount\n1,30\n2,\xe9\n', 'latin1')),
      /line 3 of data\/bad\.csv is not valid UTF-8/,
    ],
    ['is gone', project => project.remove('data/bad.csv'), /File data\/bad\.csv does not exist/],
    ['is empty', project => project.write('data/bad.csv', ''), /data\/bad\.csv/],
    [
      'has a value of another type far below',
      project => project.write('data/bad.csv', `id,amount\n${'1,30\n'.repeat(30_000)}2,n/a\n`),
      /line 30002 of data\/bad\.csv/,
    ],
    [
      'has become a Parquet file',
      project => write(project, 'data/bad.csv', brokenParquet()),
      /data\/bad\.csv is a Parquet file/,
    ],
  ];

  it.each(BROKEN)('fails alone with --continue-on-error if its file %s', async (_, breakIt, message) => {
    const project = await twoBranches();
    breakIt(project);
    const run = await failedRun(project, '--continue-on-error');
    expect(run.nodes).toHaveLength(5);
    expect(statuses(run)).toEqual({
      'source.bad': 'failed',
      'source.good': 'executed',
      'transform.below': 'skipped',
      'transform.deep': 'skipped',
      'transform.other': 'executed',
    });
    expect(run.diagnostics.map(({ file }) => file)).toEqual(['seeknal/bad.yml']);
    expect(run.diagnostics[0]?.message).toMatch(message);
    expect(await project.query('SELECT a FROM transform_other')).toEqual([{ a: 55 }]);
    const { nodes } = await project.document('run', '--nodes', 'transform.other');
    expect(nodes.find(node => node.id === 'transform.other')).toMatchObject({ status: 'reused' });
    expect(await project.query('SELECT a FROM transform_other')).toEqual([{ a: 56 }]);
  });

  it('stops the run without --continue-on-error, and production does not move', async () => {
    const project = await twoBranches();
    project.remove('data/good.csv');
    const run = await failedRun(project);
    expect(statuses(run)).toEqual({
      'source.bad': 'reused',
      'source.good': 'failed',
      'transform.below': 'reused',
      'transform.deep': 'reused',
      'transform.other': 'skipped',
    });
    expect(run.status).toBe('failed');
  });

  it('is reported by plan and run in the same words', async () => {
    const project = await twoBranches();
    write(project, 'data/bad.csv', Buffer.from('id,amount\n\xe9,30\n', 'latin1'));
    const told = (stderr: string) => stderr.split('\n').filter(line => line.includes('error[source'));
    const [plan, dry, run] = await Promise.all(
      [['plan'], ['run', '--dry-run'], ['run']].map(command => project.run(command)),
    );
    expect([plan?.code, dry?.code, run?.code]).toEqual([1, 1, 1]);
    expect(told(run?.stderr ?? '')).toEqual([
      'seeknal/bad.yml:4:8: error[source-unreadable]: source.bad cannot be read: line 2 of data/bad.csv is not valid UTF-8.',
    ]);
    expect(told(plan?.stderr ?? '')).toEqual(told(run?.stderr ?? ''));
    expect(told(dry?.stderr ?? '')).toEqual(told(run?.stderr ?? ''));
  });

  it('stops its readers on the first run too; mistakes in definitions stop everything', async () => {
    const project = inlineProject({
      'source.good': 'id\n1\n',
      'transform.below': "SELECT amount FROM ref('source.empty')",
      'transform.other': "SELECT id FROM ref('source.good')",
    });
    addNode(project, 'source.empty', '');
    expect(statuses(await failedRun(project, '--continue-on-error'))).toEqual({
      'source.empty': 'failed',
      'source.good': 'executed',
      'transform.below': 'skipped',
      'transform.other': 'executed',
    });
    addNode(project, 'transform.other', "SELECT none FROM ref('source.good')");
    const refused = await failedRun(project, '--continue-on-error');
    expect(refused.nodes).toBeUndefined();
    expect(refused.diagnostics.map(({ file }) => file)).toEqual(['seeknal/empty.yml', 'seeknal/other.yml']);
  });
});

describe('a file that cannot be read', () => {
  const schema = (...columns: string[]) => ({
    schema: columns.map(column => ({ name: column.split(' ')[0], data_type: column.split(' ').slice(1).join(' ') })),
  });
  const utf16 = Buffer.from('\uFEFFid,name\r\n1,Anna\r\n2,Per\r\n', 'utf16le');
  const latin = Buffer.from('id,name\n1,Jos\xe9\n', 'latin1');

  const CASES: readonly (readonly [
    what: string,
    file: string,
    bytes: string | Buffer,
    definition: Readonly<Record<string, unknown>>,
    message: string,
    hint: string,
  ])[] = [
    ['CSV in Latin-1', 'a.csv', latin, {}, 'line 2 of data/a.csv is not valid UTF-8.', 'encoding: latin-1'],
    [
      'the same, packed',
      'a.csv.gz',
      gzipSync(latin),
      {},
      'line 2 of data/a.csv.gz is not valid UTF-8.',
      'encoding: latin-1',
    ],
    [
      'CSV in no encoding that DuckDB has',
      'a.csv',
      Buffer.from('id,name\n1,\x93x\x94\n', 'latin1'),
      {},
      'line 2 of data/a.csv is not valid UTF-8.',
      'Save the file as UTF-8.',
    ],
    ['CSV in UTF-16', 'a.csv', utf16, {}, 'data/a.csv is encoded in UTF-16.', 'encoding: utf-16'],
    [
      'CSV in big-endian UTF-16',
      'a.csv',
      Buffer.from(utf16).swap16(),
      {},
      'data/a.csv is encoded in big-endian UTF-16.',
      'Save the file as UTF-8.',
    ],
    [
      'CSV that is not UTF-16',
      'a.csv',
      'id\n1\n',
      { params: { encoding: 'utf-16' } },
      'data/a.csv is not encoded in UTF-16.',
      'Remove or correct `encoding`',
    ],
    ['Parquet as CSV', 'a.csv', brokenParquet(), {}, 'data/a.csv is a Parquet file.', 'Set `source: parquet`.'],
    [
      'packed Parquet as CSV',
      'a.csv.gz',
      gzipSync(brokenParquet()),
      {},
      'data/a.csv.gz is a Parquet file compressed with gzip.',
      'Decompress it, and set `source: parquet`.',
    ],
    [
      'Parquet as JSON',
      'a.json',
      brokenParquet(),
      { source: 'json' },
      'data/a.json is a Parquet file.',
      'Set `source: parquet`.',
    ],
    [
      'CSV as Parquet',
      'a.csv',
      'id,n\n1,2\n',
      { source: 'parquet' },
      'data/a.csv is not a valid Parquet file',
      'source: csv',
    ],
    [
      'packed CSV as Parquet',
      'a.csv.gz',
      gzipSync('id,n\n1,2\n'),
      { source: 'parquet' },
      'data/a.csv.gz is not a valid Parquet file',
      'source: csv',
    ],
    [
      'JSON lines as Parquet',
      'a.jsonl',
      '{"id": 1}\n',
      { source: 'parquet' },
      'data/a.jsonl is not a valid Parquet file',
      'source: jsonl',
    ],
    ['CSV as JSON', 'a.csv', 'id,n\n1,2\n', { source: 'json' }, 'data/a.csv is not valid JSON', 'source: csv'],
    [
      'broken JSON',
      'a.jsonl',
      '{"id": 1}\n{"id": }\n',
      { source: 'jsonl' },
      'data/a.jsonl is not valid JSON: unexpected character at byte 8 of line 2.',
      'Correct the file.',
    ],
    [
      'packed CSV by a plain name',
      'a.csv',
      gzipSync('id\n1\n'),
      {},
      'data/a.csv is compressed with gzip.',
      'compression: gzip',
    ],
    [
      'plain CSV by a name of packed ones',
      'a.csv.gz',
      'id\n1\n',
      {},
      'data/a.csv.gz is not compressed with gzip.',
      'compression: none',
    ],
    [
      'a workbook',
      'a.csv',
      Buffer.from('PK\u0003\u0004\0\0'),
      {},
      'data/a.csv is a ZIP archive or an Excel workbook.',
      'export it as CSV',
    ],
    [
      'dates in two forms',
      'a.csv',
      'id,d\n1,2024-01-02\n2,31/12/2024\n',
      {},
      "column 'd' of data/a.csv mixes date formats: '2024-01-02' in line 2 does not match '%d/%m/%Y'.",
      '`dateformat`',
    ],
    [
      'dates in two forms under a schema',
      'a.csv',
      'id,d\n1,1/31/2024\n2,31/12/2024\n',
      schema('id INTEGER', 'd DATE'),
      "column 'd' of data/a.csv mixes date formats: '31/12/2024' in line 3",
      '`dateformat`',
    ],
    [
      'a bad value under a schema',
      'a.csv',
      'id,b\n1,true\n2,2\n',
      schema('id INTEGER', 'b BOOLEAN'),
      "'2' in line 3 of data/a.csv is not a valid BOOLEAN (column 'b').",
      'Correct the line',
    ],
    [
      'a bad number in JSON',
      'a.jsonl',
      '{"id": 1}\n{"id": "x"}\n',
      { source: 'jsonl', ...schema('id INTEGER') },
      "'x' in line 2 of data/a.jsonl is not a valid number.",
      'Correct the value',
    ],
    [
      'a NUL in a header',
      'a.csv',
      'id,na\0me\n1,a\n',
      {},
      "the name of column 2 in data/a.csv contains a NUL character: 'na\\0me'.",
      'Remove the NUL',
    ],
    [
      'damaged Parquet',
      'a.parquet',
      Buffer.from(`PAR1${'\xff'.repeat(40)}\x20\0\0\0PAR1`, 'latin1'),
      { source: 'parquet' },
      'data/a.parquet is damaged.',
      'Write the file again',
    ],
    [
      'no line at all, under a schema',
      'a.csv',
      '\n',
      schema('id INTEGER'),
      'data/a.csv is empty.',
      'Add a header line',
    ],
  ];

  it.each(CASES)('is reported: %s', async (_, file, bytes, definition, message, hint) => {
    const project = emptyProject();
    write(project, `data/${file}`, bytes);
    addSource(project, 's', { source: 'csv', table: `data/${file}`, ...definition });
    const [found, ...more] = (await failedRun(project)).diagnostics;
    expect(more).toEqual([]);
    expect(found?.message).toContain(`source.s cannot be read: ${message}`);
    expect(found?.hint).toContain(hint);
  });

  it('can be read after its hint was followed', async () => {
    const project = emptyProject();
    write(project, 'data/latin.csv', latin);
    write(project, 'data/wide.csv', utf16);
    write(project, 'data/packed.csv', gzipSync('id\n1\n'));
    write(project, 'data/nul.csv', 'id,na\0me\n1,a\n');
    const params: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
      latin: { encoding: 'latin-1' },
      wide: { encoding: 'utf-16' },
      packed: { compression: 'gzip' },
      nul: { names: ['id', 'name'] },
    };
    for (const [name, given] of Object.entries(params))
      addSource(project, name, { source: 'csv', table: `data/${name}.csv`, params: given });
    await project.ok('run');
    expect(await project.query('FROM source_latin')).toEqual([{ id: 1, name: 'José' }]);
    expect(await project.query('SELECT name FROM source_wide ORDER BY id')).toEqual([
      { name: 'Anna' },
      { name: 'Per' },
    ]);
    expect(await project.query('FROM source_packed')).toEqual([{ id: 1 }]);
    expect(await project.query('FROM source_nul')).toEqual([{ id: 1, name: 'a' }]);
  });

  it('is found among many', async () => {
    const project = emptyProject();
    mkdirSync(project.path('data'));
    for (const [file, sql] of [
      ['a', "SELECT 1 AS n, '2024-01-01' AS d"],
      ['b', "SELECT 2 AS n, 'never' AS d"],
    ] as const)
      await project.ok('repl', '-e', sql, '--output', `data/${file}.parquet`);
    addSource(project, 'cast', { source: 'parquet', table: 'data/[ab].parquet', ...schema('n INTEGER', 'd DATE') });
    await project.ok('repl', '-e', 'SELECT 1::INTEGER AS n', '--output', 'data/x.parquet');
    write(project, 'data/y.parquet', brokenParquet());
    addSource(project, 'broken', { source: 'parquet', table: 'data/[xy].parquet' });
    const { diagnostics } = await failedRun(project, '--continue-on-error');
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'source.broken cannot be read: DuckDB failed on data/y.parquet: File is encrypted but no encryption algorithm is set.',
      "source.cast cannot be read: 'never' in data/b.parquet is not a valid DATE (column 'd').",
    ]);
  });
});

describe('a type that cannot be stored', () => {
  it('is read as text if the schema says so, and otherwise refused with that hint', async () => {
    const project = emptyProject();
    mkdirSync(project.path('data'));
    await project.ok('repl', '-e', "SELECT 1 AS id, 'POINT(30 10)'::GEOMETRY AS place", '--output', 'data/g.parquet');
    project.write('data/u.jsonl', '{"id": 1, "u": 5}\n');
    addSource(project, 'g', { source: 'parquet', table: 'data/g.parquet' });
    const [refused] = (await failedRun(project)).diagnostics;
    expect(refused).toMatchObject({
      code: 'unstorable-type',
      message: expect.stringMatching(
        /^source\.g cannot be read: column 'place' of data\/g\.parquet has type GEOMETRY.*, which cannot be stored\.$/,
      ),
      hint: 'Declare all columns under `schema`, with this one as VARCHAR.',
    });
    addSource(project, 'g', {
      source: 'parquet',
      table: 'data/g.parquet',
      schema: [
        { name: 'id', data_type: 'INTEGER' },
        { name: 'place', data_type: 'VARCHAR' },
      ],
    });
    await project.ok('run');
    expect(await project.query('FROM source_g')).toEqual([{ id: 1, place: 'POINT (30 10)' }]);
  });
});

describe('folders of partitions', () => {
  const files = (project: TestProject): void => {
    project.write('data/csv/city=oslo/a.csv', 'id\n1\n');
    project.write('data/csv/city=rome/a.csv', 'id\n2\n');
    project.write('data/json/city=oslo/a.jsonl', '{"id": 1}\n');
    project.write('data/json/city=rome/a.jsonl', '');
    project.write('data/env/env=prod/a.csv', 'id\n1\n');
    addSource(project, 'csv', { source: 'csv', table: 'data/csv/*/*.csv' });
    addSource(project, 'json', { source: 'jsonl', table: 'data/json/**/*.jsonl' });
    addSource(project, 'env', { source: 'csv', table: 'data/env/*/*.csv' });
    addSource(project, 'off', { source: 'csv', table: 'data/csv/*/*.csv', params: { hive_partitioning: false } });
    addSource(project, 'schema', {
      source: 'csv',
      table: 'data/csv/*/*.csv',
      schema: [{ name: 'id', data_type: 'INTEGER' }],
    });
    addSource(project, 'named', {
      source: 'csv',
      table: 'data/csv/*/*.csv',
      params: { filename: true },
      schema: ['city', 'id', 'filename'].map(name => ({ name, data_type: 'VARCHAR' })),
    });
    addNode(project, 'transform.t', "SELECT city, sum(id) AS n FROM ref('source.csv') GROUP BY city");
  };

  it.each([
    ['anywhere', 'plain'],
    ['under a folder that looks like a partition', 'env=dev'],
    ['under a folder named like a column of the files', 'id=9'],
  ])('add columns to a project %s', async (_, folder) => {
    const project = emptyProject(join(temporaryFolder(), folder));
    files(project);
    await project.ok('run');
    expect(await project.query('FROM source_csv ORDER BY id')).toEqual([
      { id: 1, city: 'oslo' },
      { id: 2, city: 'rome' },
    ]);
    expect(await project.query('FROM source_json')).toEqual([{ id: 1, city: 'oslo' }]);
    expect(await project.query('FROM source_env')).toEqual([{ id: 1, env: 'prod' }]);
    expect(await project.query('FROM source_off ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await project.query('FROM source_schema ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await project.query('FROM source_named ORDER BY id')).toEqual([
      { city: 'oslo', id: '1', filename: 'data/csv/city=oslo/a.csv' },
      { city: 'rome', id: '2', filename: 'data/csv/city=rome/a.csv' },
    ]);
    expect(await project.query('FROM transform_t ORDER BY city')).toEqual([
      { city: 'oslo', n: 1 },
      { city: 'rome', n: 2 },
    ]);
  });
});

describe('a file on which DuckDB fails internally', () => {
  it('fails its own node, and no concurrent one', async () => {
    const project = inlineProject({
      'source.s': 'id,amount\n1,30\n2,25\n',
      'transform.t': "SELECT sum(amount) AS total FROM ref('source.s')",
    });
    write(project, 'data/bad.parquet', brokenParquet());
    addSource(project, 'a_bad', { source: 'parquet', table: 'data/bad.parquet' });
    const wanted = { 'source.a_bad': 'failed', 'source.s': 'executed', 'transform.t': 'executed' };
    expect(statuses(await failedRun(project, '--continue-on-error', '--parallel'))).toEqual(wanted);
    expect(statuses(await failedRun(project, '--continue-on-error', '--full'))).toEqual(wanted);
    for (const command of [
      ['run', '--continue-on-error'],
      ['dry-run', 'seeknal/a_bad.yml'],
    ]) {
      const { code, stderr } = await project.run(command);
      expect(code).toBe(1);
      expect(stderr).toContain(
        'source.a_bad cannot be read: DuckDB failed on data/bad.parquet: File is encrypted but no encryption algorithm is set.',
      );
      expect(stderr).not.toMatch(/Stack Trace|bug in seeknal/);
    }
    expect((await project.run(['dry-run', 'seeknal/t.yml'])).code).toBe(0);
  });

  it('fails its own statement in the REPL', async () => {
    const project = inlineProject({ 'source.a': 'n\n1\n', 'source.b': 'n\n2\n' });
    await project.ok('run');
    const output = statSync(project.path('target/intermediate/source_a.parquet')).ino;
    const store = project.path('target/store');
    const stored = readdirSync(store, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .filter(path => statSync(path).ino === output);
    for (const path of stored) {
      chmodSync(path, 0o644);
      writeFileSync(path, brokenParquet());
    }
    const { code, stdout, stderr } = await project.run(['repl'], {
      input: 'SELECT n FROM source_a;\nSELECT n FROM source_b;\n',
    });
    expect(code).toBe(1);
    expect(stdout).toContain('│ 2 │');
    expect(stderr).toContain('DuckDB failed: File is encrypted but no encryption algorithm is set');
    expect(stderr).not.toContain('Stack Trace');
  });
});
