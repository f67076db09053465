import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inlineProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { emptyProject, mistakesOf } from './mistakes.ts';

describe('names', () => {
  const NAMES = [
    'a b',
    'select',
    'NULL',
    'main',
    'temp',
    'q"uote',
    "it's",
    'x*y?',
    '[z]',
    '{b}',
    'k=v',
    'ü-ß',
    '日本',
    '%41',
    'a;b',
    '-- c',
    '{{ t }}',
    'trailing ',
    '~',
    'a'.repeat(200),
  ];
  const COLUMNS = ['id', 'a b', 'select', 'q"x', "it's", 'ü', 'k=v', '*', 'a;b', '[c]', '{d}'];
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

  it('of nodes, columns and folders may be anything that SQL can quote', async () => {
    const root = `${temporaryFolder()}/env=dev/a[1]?*`;
    mkdirSync(root, { recursive: true });
    const project = emptyProject(root);
    const row = Object.fromEntries(COLUMNS.map(column => [column, `value of ${column}`]));
    for (const [index, name] of NAMES.entries()) {
      project.write(`data/${index}.jsonl`, `${JSON.stringify(row)}\n`);
      project.write(
        `seeknal/s${index}.yml`,
        JSON.stringify({ kind: 'source', name, source: 'jsonl', table: `data/${index}.jsonl` }),
      );
      const sql = `SELECT ${COLUMNS.map(quote).join(', ')} FROM input_0 WHERE ${quote("it's")} IS NOT NULL`;
      project.write(
        `seeknal/t${index}.yml`,
        JSON.stringify({ kind: 'transform', name, inputs: [{ ref: `source.${name}` }], transform: sql }),
      );
    }
    const result = await project.document('run');
    expect(result.nodes.filter(node => node['status'] !== 'executed')).toEqual([]);
    const all = NAMES.map(name => `SELECT * FROM ${quote(`transform_${name}`)}`).join(' UNION ALL ');
    expect(await project.query(all)).toEqual(NAMES.map(() => row));
    expect((await project.document('run'))['status']).toBe('nothing_to_do');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await project.query('SELECT count(*) AS n FROM "transform_x*y?"', 'dev')).toEqual([{ n: 1 }]);
  });

  it('are refused if a file name cannot hold them, or if two would collide', async () => {
    const project = emptyProject();
    for (const [index, name] of ['a/b', 'a\\b', 'a.b', 'a\u0007b', ''].entries()) {
      project.write(`seeknal/t${index}.yml`, JSON.stringify({ kind: 'transform', name, transform: 'SELECT 1 AS a' }));
    }
    expect((await mistakesOf(project)).map(entry => entry.code)).toEqual([
      'bad-name',
      'bad-name',
      'bad-name',
      'bad-name',
      'empty-value',
    ]);
    const meeting = inlineProject({ 'transform.Both': 'SELECT 1 AS a' });
    meeting.write('seeknal/second.yml', 'kind: transform\nname: bOTH\ntransform: SELECT 1 AS a\n');
    expect((await mistakesOf(meeting)).length).toBe(1);
  });
});

describe('files that are not valid YAML', () => {
  it('are all reported at once, each with its position', async () => {
    const project = emptyProject();
    writeFileSync(project.path('seeknal_project.yml'), 'name: broken\n');
    mkdirSync(project.path('seeknal'));
    writeFileSync(project.path('seeknal/latin.yml'), Buffer.from('kind: source\nname: Zoë\n', 'latin1'));
    writeFileSync(project.path('seeknal/utf16.yml'), Buffer.from('\uFEFFkind: source\n', 'utf16le'));
    symlinkSync('/nowhere/at/all.yml', project.path('seeknal/link.yml'));
    project.write('seeknal/empty.yml', '');
    project.write('seeknal/list.yml', '- a\n');
    project.write('seeknal/twice.yml', 'kind: source\nname: a\nkind: source\n');
    project.write('seeknal/two.yml', 'kind: source\n---\nkind: source\n');
    project.write('seeknal/tabs.yml', 'kind: source\n\tname: x\n');
    project.write('seeknal/sql.yml', 'kind: transform\nname: sql\ntransform_file: data\n');
    writeFileSync(project.path('bad.sql'), Buffer.from("SELECT 'Zoë' AS a", 'latin1'));
    project.write('seeknal/sql2.yml', 'kind: transform\nname: sql2\ntransform_file: bad.sql\n');
    project.write('data/x', '');
    expect(
      (await mistakesOf(project)).map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`),
    ).toEqual([
      'seeknal/empty.yml:1:1 empty-file',
      'seeknal/latin.yml:2:9 not-utf8',
      'seeknal/link.yml:1:1 unreadable-file',
      'seeknal/list.yml:1:1 not-a-mapping',
      'seeknal/sql.yml:3:17 unreadable-file',
      'seeknal/sql2.yml:3:17 not-utf8',
      'seeknal/tabs.yml:2:1 invalid-yaml',
      'seeknal/twice.yml:1:1 missing-key',
      'seeknal/twice.yml:1:1 missing-key',
      'seeknal/twice.yml:3:1 duplicate-key',
      'seeknal/two.yml:1:1 missing-key',
      'seeknal/two.yml:1:1 missing-key',
      'seeknal/two.yml:1:1 missing-key',
      'seeknal/two.yml:2:1 several-documents',
      'seeknal/utf16.yml:1:1 not-utf8',
    ]);
    expect(project.exists('target')).toBe(false);
  });

  it('do not include files with a byte order mark or Windows line ends, or files behind links', async () => {
    const project = inlineProject({ 'source.raw': 'id\n1\n' });
    project.write(
      'elsewhere/m.txt',
      '\uFEFFkind: transform\r\nname: m\r\ninputs:\r\n  - ref: source.raw\r\ntransform: |\r\n  SELECT id\r\n  FROM input_0\r\n',
    );
    symlinkSync(project.path('elsewhere/m.txt'), project.path('seeknal/m.yml'));
    project.write('shared/deep/n.yml', 'kind: transform\nname: n\ntransform: SELECT 2 AS id\n');
    symlinkSync(project.path('shared'), project.path('seeknal/linked'));
    symlinkSync(project.path('seeknal'), project.path('shared/deep/round'));
    await project.ok('run');
    expect(await project.query('FROM transform_m UNION ALL FROM transform_n')).toEqual([{ id: 1 }, { id: 2 }]);
    const refused = await project.run(['dry-run', 'data']);
    expect([
      refused.code,
      refused.stderr.includes('error[unreadable-file]: This file cannot be read: it is a folder.'),
    ]).toEqual([1, true]);
  });
});
