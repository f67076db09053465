import { readdirSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addNode, inlineProject, type TestProject } from './harness.ts';
import { addSource, emptyProject, mistakesOf } from './mistakes.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** The output of a run that must fail. */
async function failed(project: TestProject, ...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(['run', ...more]);
  expect(code, stdout).toBe(1);
  return `${stdout}${stderr}`;
}

const planned = async (project: TestProject, id = 'source.s') =>
  project.node(await project.document('plan'), id) as unknown as {
    readonly change: string;
    readonly category: string | null;
    readonly action: string;
    readonly reason: string;
    readonly columns: { removed: string[]; retyped: object[] } | null;
  };

const CONSUMED = {
  'source.s': 'id,amount,city\n1,30,Oslo\n2,25,Rome\n',
  'transform.t': "SELECT id, city FROM ref('source.s')",
  'transform.u': 'SELECT 1 AS x',
};

describe('the category of a source', () => {
  it('follows from its columns and rows when its definition changes', async () => {
    const project = inlineProject({ 'source.s': 'id,v\n1,5\n' });
    const before = project.read('seeknal/s.yml');
    project.write('data/other.csv', 'id,w\n7,x\n');
    project.write('data/values.csv', 'id,v\n1,6\n');
    await project.ok('run');
    const of = async (text: string) => {
      project.write('seeknal/s.yml', text);
      return (await planned(project)).category;
    };
    expect(await of(`${before}schema: [{name: id, data_type: VARCHAR}, {name: v, data_type: BIGINT}]\n`)).toBe(
      'breaking',
    );
    expect(await of(`${before}params: { all_varchar: true }\n`)).toBe('breaking');
    expect(await of(before.replace('data/s.csv', 'data/other.csv'))).toBe('breaking');
    expect(await of(before.replace('data/s.csv', 'data/values.csv'))).toBe('non_breaking');
    expect(await of(`${before}params: { nullstr: '5' }\n`)).toBe('non_breaking');
    expect(await of(`${before}description: all of them\non_schema_change: evolve\n`)).toBe('metadata');
  });

  it('follows from them when only its files change', async () => {
    const project = inlineProject({ 'source.s': 'id,v\n1,5\n', 'transform.t': "SELECT v FROM ref('source.s')" });
    await project.ok('run');
    project.write('data/s.csv', 'id,v\n1,6\n');
    expect(await planned(project)).toMatchObject({ change: 'modified', category: 'non_breaking', action: 'run' });
    expect((await planned(project, 'transform.t')).reason).toBe('reads the rows of source.s, which changed');
    expect((await project.document('diff')).nodes.filter(node => node['change'] !== 'none')).toEqual([]);
    project.write('data/s.csv', 'id,w\n1,6\n');
    expect(await planned(project)).toMatchObject({ category: 'breaking', columns: { removed: ['v'] } });
    expect((await planned(project, 'transform.t')).reason).toBe('reads source.s.v, which is gone');
    project.write('data/s.csv', 'id,v\n1,5\n');
    expect(await planned(project)).toMatchObject({ change: 'none', category: null, action: 'reuse' });
  });
});

describe('files that lose columns', () => {
  it('are named by the plan, and stop only their source', async () => {
    const project = inlineProject(CONSUMED);
    await project.ok('run');
    project.write('data/s.csv', 'id,amount\n1,30\n2,n/a\n');
    addNode(project, 'transform.u', 'SELECT 2 AS x');
    const text = await project.ok('plan');
    expect(text).toContain('      removed: city\n      retyped: amount BIGINT → VARCHAR\n');
    expect(await planned(project)).toMatchObject({
      category: 'breaking',
      columns: { removed: ['city'], retyped: [{ name: 'amount', from: 'BIGINT', to: 'VARCHAR' }] },
      reason:
        "its files changed: column 'city' (VARCHAR) is missing from line 1 of data/s.csv; " +
        "column 'amount' changed from BIGINT to VARCHAR in line 3 of data/s.csv ('n/a'); " +
        'this will fail, since on_schema_change is fail',
    });
    const { code, stdout } = await project.run(['run', '--continue-on-error', '--json']);
    const document = JSON.parse(stdout) as { nodes: { id: string; status: string }[]; diagnostics: { file: string }[] };
    expect([code, document.nodes.map(({ id, status }) => [id, status]).sort()]).toEqual([
      1,
      [
        ['source.s', 'failed'],
        ['transform.t', 'skipped'],
        ['transform.u', 'executed'],
      ],
    ]);
    expect(document.diagnostics.map(({ file }) => file)).toEqual(['seeknal/s.yml']);
    expect(await project.query('SELECT city FROM transform_t ORDER BY 1')).toEqual([
      { city: 'Oslo' },
      { city: 'Rome' },
    ]);
  });

  it.each([
    ['a header', '1,30,Oslo\n2,25,Rome\n', "missing from line 1 of data/s.csv, which has '1', '30', 'Oslo' instead"],
    [
      'a name',
      'id,total,city\n1,30,Oslo\n',
      "column 'amount' (BIGINT) is missing from line 1 of data/s.csv, which has 'total'",
    ],
    [
      'all content',
      '',
      "columns 'id' (BIGINT), 'amount' (BIGINT), 'city' (VARCHAR) are missing from data/s.csv, which is empty",
    ],
    ['the delimiter', 'id;amount;city\n1;30;Oslo\n', 'data/s.csv is now separated by ";" instead of ","'],
    [
      'a type',
      'id,amount,city\n1,30,Oslo\n2,2.5,Rome\n',
      "'amount' changed from BIGINT to DOUBLE in line 3 of data/s.csv ('2.5')",
    ],
    [
      'a type below a value of two lines',
      'id,amount,city\n1,30,"Os\nlo"\n2,n/a,Rome\n',
      "'amount' changed from BIGINT to VARCHAR in line 4 of data/s.csv ('n/a')",
    ],
  ])('are reported at the source if they lost %s', async (_, text, words) => {
    const project = inlineProject(CONSUMED);
    await project.ok('run');
    project.write('data/s.csv', text);
    const said = await failed(project);
    expect(said).toContain(words);
    expect(said).toContain('seeknal/s.yml:4:8: error[schema-changed]: source.s cannot be read as before: ');
    expect(said).not.toContain('seeknal/t.yml');
    expect(await project.query('SELECT count(*) AS n FROM source_s')).toEqual([{ n: 2 }]);
  });

  it('are accepted with `evolve`; consumers that no longer fit name the source', async () => {
    const project = inlineProject(CONSUMED);
    await project.ok('run');
    project.append('seeknal/s.yml', 'on_schema_change: evolve\n');
    project.write('data/s.csv', 'id,amount\n1,n/a\n');
    const [mistake] = await mistakesOf(project, 'run');
    expect(mistake).toMatchObject({ code: 'unknown-column', file: 'seeknal/t.yml' });
    expect(mistake?.hint).toContain("source.s had it until its files changed: column 'city' (VARCHAR) is missing");
    addNode(project, 'transform.t', "SELECT amount FROM ref('source.s')");
    await project.ok('run');
    expect(await project.query('FROM transform_t')).toEqual([{ amount: 'n/a' }]);
    project.write('data/s.csv', 'id;amount\n2;x\n');
    await project.ok('run');
    expect(await project.query('FROM source_s')).toEqual([{ id: 2, amount: 'x' }]);
  });

  it('are accepted with `evolve` if only a late line shows the change', async () => {
    const project = inlineProject({ 'source.s': 'id,v\n1,5\n' });
    await project.ok('run');
    const lines = Array.from({ length: 30_000 }, (_, id) => `${id},7\n`).join('');
    project.write('data/s.csv', `id,v\n${lines}30000,n/a\n`);
    expect(await failed(project)).toContain("'n/a' in line 30002 of data/s.csv");
    project.append('seeknal/s.yml', 'on_schema_change: evolve\n');
    await project.ok('run');
    expect(await project.query('SELECT typeof(v) AS t, count(*) AS n FROM source_s GROUP BY 1')).toEqual([
      { t: 'VARCHAR', n: 30_001 },
    ]);
  });

  it.each(['', '[]'])('are reported as empty if a JSON file contains %j', async text => {
    const project = emptyProject();
    project.write('data/j.json', '[{"id": 1}]');
    addSource(project, 'j', { source: 'json', table: 'data/j.json' });
    await project.ok('run');
    project.write('data/j.json', text);
    expect(await failed(project)).toContain("column 'id' (BIGINT) is missing from data/j.json, which is empty");
    expect(await planned(project, 'source.j')).toMatchObject({ columns: { added: [], removed: ['id'] } });
  });

  it('are compared with the earlier schema in every format, file by file', async () => {
    const project = emptyProject();
    project.write('data/j.jsonl', '{"a": 1, "b": "x"}\n');
    project.write('data/g/1.csv', 'id,v\n1,2\n');
    project.write('data/g/2.csv', 'v,id\n4,3\n');
    await project.ok('repl', '-e', "SELECT 1 AS id, 'a' AS t", '--output', 'data/p.parquet');
    addSource(project, 'j', { source: 'jsonl', table: 'data/j.jsonl' });
    addSource(project, 'g', { source: 'csv', table: 'data/g/*.csv' });
    addSource(project, 'p', { source: 'parquet', table: 'data/p.parquet' });
    await project.ok('run');
    project.write('data/g/2.csv', 'v,id\n6,5\n');
    await project.ok('run');
    expect(await project.query('FROM source_g ORDER BY id')).toEqual([
      { id: 1, v: 2 },
      { id: 5, v: 6 },
    ]);
    project.write('data/j.jsonl', '{"a": 1.5}\n');
    project.write('data/g/2.csv', 'v,name\n6,5\n');
    project.remove('data/p.parquet');
    await project.ok('repl', '-e', 'SELECT 1::BIGINT AS id', '--output', 'data/p.parquet');
    const said = await failed(project, '--continue-on-error');
    expect(said).toContain(
      "column 'b' (VARCHAR) is missing from data/j.jsonl; column 'a' changed from BIGINT to DOUBLE",
    );
    expect(said).toContain("column 'id' (BIGINT) is missing from line 1 of data/g/2.csv");
    expect(said).toContain(
      "column 't' (VARCHAR) is missing from data/p.parquet; column 'id' changed from INTEGER to BIGINT",
    );
  });

  it('do not count if the definition changed, or if the source is pinned', async () => {
    const project = inlineProject(CONSUMED);
    await project.ok('run');
    project.remove('data/s.csv');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await failed(project)).toContain('File data/s.csv does not exist.');
    project.write('data/new.csv', 'id,city\n1,Oslo\n');
    project.edit('seeknal/s.yml', 'data/s.csv', 'data/new.csv');
    await project.ok('run');
    expect(await project.query('FROM source_s')).toEqual([{ id: 1, city: 'Oslo' }]);
  });
});

describe('files that are read again', () => {
  it('accept added columns, any order, quotes and line ends, and keep their types', async () => {
    const project = inlineProject({ 'source.s': 'id,v,t\n1,5,007x\n' });
    await project.ok('run');
    const read = async (text: string) => {
      project.write('data/s.csv', text);
      await project.ok('run');
      return project.query('SELECT * FROM source_s');
    };
    expect(await read('id,v,t,more\n1,5,"a, b",2\n')).toEqual([{ id: 1, v: 5, t: 'a, b', more: 2 }]);
    expect(await read('\uFEFFt,id,more,v\r\n7,1,2,5\r\n')).toEqual([{ t: '7', id: 1, more: 2, v: 5 }]);
    expect(await read('t,id,more,v\n')).toEqual([]);
    expect(await read('t,id,more,v\n,1,,\n')).toEqual([{ t: null, id: 1, more: null, v: null }]);
    const types = await project.query('SELECT column_type AS t FROM (DESCRIBE source_s)');
    expect(types.map(row => row['t'])).toEqual(['VARCHAR', 'BIGINT', 'BIGINT', 'BIGINT']);
  });

  const table = Array.from({ length: 20 }, (_, id) => `${id},n${id},${id * 10}`);
  const ragged: readonly [string, string, string][] = [
    ['a field too many at the end', `${table.join('\n')}\n20,n,200,x\n`, 'line 22 of data/s.csv has 4 fields'],
    ['a field too many in the middle', table.join('\n').replace('7,n7,70', '7,n7,70,x'), 'line 9 of data/s.csv has 4'],
    ['a line cut off', table.join('\n').replace('7,n7,70', '7'), 'line 9 of data/s.csv has 1 field instead of 3'],
    [
      'a line cut off below a value of two lines',
      table.join('\n').replace('3,n3,30', '3,"n\n3",30').replace('7,n7,70', '7'),
      'line 10 of data/s.csv has 1 field',
    ],
    [
      'two kinds of line ends',
      table.join('\n').replace('7,n7,70', '7,n7,70\r'),
      'line 9 of data/s.csv has another line ending than the lines above',
    ],
  ];
  it.each(ragged)('are refused with %s', async (_, text, words) => {
    const project = inlineProject({ 'source.s': `id,name,v\n${table.join('\n')}\n` });
    await project.ok('run');
    project.write('data/s.csv', `id,name,v\n${text}`);
    expect(await failed(project)).toContain(words);
    expect(await project.query('SELECT count(*) AS n, sum(v) AS v FROM source_s')).toMatchObject([{ n: 20, v: 1900 }]);
  });

  it.each(ragged)('are refused with %s on the first reading too', async (_, text, words) => {
    const project = inlineProject({ 'source.s': `id,name,v\n${text}` });
    expect(await failed(project)).toContain(words);
    project.append('seeknal/s.yml', 'params: { ignore_errors: true, strict_mode: false, delimiter: "," }\n');
    await project.ok('run');
  });

  it('may contain text with commas or lines above the table on the first reading', async () => {
    const project = emptyProject();
    project.write('data/text.csv', 'name\n"Smith, John"\nBob\n');
    project.write('data/above.csv', 'Report, of 2024\n\nid,a,b\n1,2,3\n4,5,6\n7,8,9\n');
    project.write('data/lines.csv', 'id,t\n1,"two\nlines"\n2,"a,b"\n');
    for (const name of ['text', 'above', 'lines'])
      addSource(project, name, { source: 'csv', table: `data/${name}.csv` });
    await project.ok('run');
    expect(await project.query('SELECT count(*) AS n FROM source_text')).toEqual([{ n: 2 }]);
    expect(await project.query('SELECT count(*) AS n, max(b) AS b FROM source_above')).toEqual([{ n: 3, b: 9 }]);
    expect(await project.query('SELECT t FROM source_lines WHERE id = 1')).toEqual([{ t: 'two\nlines' }]);
  });

  it('are checked against a schema line by line', async () => {
    const project = inlineProject({});
    const schema = [
      { name: 'v', data_type: 'INTEGER' },
      { name: 'id', data_type: 'VARCHAR' },
    ];
    project.write('data/s.csv', 'id,v\n1,2\n2,3\n');
    addSource(project, 's', { source: 'csv', table: 'data/s.csv', schema });
    await project.ok('run');
    project.write('data/s.csv', 'id,v\n1,2\n2,3\n3,4,5\n');
    expect(await failed(project)).toContain('line 4 of data/s.csv has 3 fields instead of 2');
    project.write('data/s.csv', 'id,w\n1,2\n');
    expect(await failed(project)).toContain("column 'v' (INTEGER) is missing from line 1 of data/s.csv");
    project.write('data/s.csv', 'v,id\n4,5\n');
    await project.ok('run');
    expect(await project.query('FROM source_s')).toEqual([{ v: 4, id: '5' }]);
  });
});

describe('whether a source is read again', () => {
  it('is noticed if another file of the same size and time replaces it', async () => {
    const project = inlineProject({ 'source.s': 'id,v\n1,100\n' });
    const put = (text: string) => {
      project.write('data/next.csv', text);
      utimesSync(project.path('data/next.csv'), LONG_AGO, LONG_AGO);
      renameSync(project.path('data/next.csv'), project.path('data/s.csv'));
    };
    put('id,v\n1,100\n');
    await project.ok('run');
    put('id,v\n1,900\n');
    expect((await project.run(['plan', '--detailed-exitcode'])).code).toBe(2);
    await project.ok('run');
    expect(await project.query('SELECT v FROM source_s')).toEqual([{ v: 900 }]);
  });

  it('depends on the path with its parameters filled in', async () => {
    const project = emptyProject();
    project.write('data/eu.csv', 'id\n1\n');
    project.write('data/us.csv', 'id\n2\n');
    project.write('seeknal/common/c.yml', 'region: eu\n');
    addSource(project, 's', { source: 'csv', table: 'data/{{ region }}.csv' });
    await project.ok('run');
    const plan = await project.document('env', 'plan', 'dev', '--params', 'region=us');
    expect(project.node(plan, 'source.s')).toMatchObject({ action: 'run', category: 'non_breaking' });
    await project.ok('env', 'apply', 'dev');
    expect(await project.query('FROM source_s', 'dev')).toEqual([{ id: 2 }]);
    expect(await project.query('FROM source_s')).toEqual([{ id: 1 }]);
    expect(project.node(await project.document('env', 'plan', 'dev'), 'source.s')).toMatchObject({ change: 'none' });
  });

  it('never shows a secret in a path whose columns changed', async () => {
    const project = emptyProject();
    const env = { TOKEN: 'hunter2value' };
    project.write(`data/${env.TOKEN}.csv`, 'id,n\n1,2\n');
    addSource(project, 's', { source: 'csv', table: 'data/{{ env:TOKEN }}.csv' });
    addNode(project, 'transform.t', "SELECT n FROM ref('source.s')");
    await project.run(['run'], { env });
    project.write(`data/${env.TOKEN}.csv`, 'id\n1\n');
    const said: string[] = [];
    const say = async (...args: string[]) => {
      const { stdout, stderr } = await project.run(args, { env });
      said.push(stdout, stderr);
    };
    await say('plan');
    await say('env', 'plan', 'dev', '--refresh', '--json');
    expect(said.join('')).toContain('missing from line 1 of data/***.csv');
    expect(project.read('target/environments/dev/plan.json')).not.toContain(env.TOKEN);
    addSource(project, 's', { source: 'csv', table: 'data/{{ env:TOKEN }}.csv', on_schema_change: 'evolve' });
    await say('run');
    expect(said.join('')).toContain('source.s had it until');
    expect(said.join('')).not.toContain(env.TOKEN);
  });

  it('never writes a secret in a path to a file', async () => {
    const project = emptyProject();
    const env = { TOKEN: 'hunter2value' };
    project.write(`data/${env.TOKEN}.csv`, 'id\n1\n');
    utimesSync(project.path(`data/${env.TOKEN}.csv`), LONG_AGO, LONG_AGO);
    addSource(project, 's', { source: 'csv', table: 'data/{{ env:TOKEN }}.csv' });
    for (const args of [['run'], ['env', 'plan', 'dev', '--refresh'], ['env', 'apply', 'dev']])
      expect((await project.run(args, { env })).code).toBe(0);
    const files = readdirSync(project.path('target'), { recursive: true, withFileTypes: true });
    const holding = files.filter(
      file => file.isFile() && readFileSync(join(file.parentPath, file.name)).includes(env.TOKEN),
    );
    expect(holding.map(file => file.name)).toEqual([]);
  });
});
