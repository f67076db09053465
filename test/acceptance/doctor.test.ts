import {
  appendFileSync,
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resealed } from '../support/resealed.ts';
import { inlineProject, TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Found {
  readonly code: string;
  readonly message: string;
  readonly environment: string | null;
  readonly node: string | null;
  readonly artefact: string | null;
  readonly path: string | null;
  readonly hint: string | null;
  readonly repaired: boolean;
}

let applied: Promise<TestProject> | null = null;

/** Production in generation 2 and `dev` applied on top of it; built once and copied. */
async function appliedProject(): Promise<TestProject> {
  applied ??= makeApplied();
  const project = new TestProject();
  cpSync((await applied).root, project.root, { recursive: true, preserveTimestamps: true });
  return project;
}

async function makeApplied(): Promise<TestProject> {
  const project = inlineProject({
    'source.s': 'id\n1\n2\n',
    'transform.m': "SELECT id, 1 AS v FROM ref('source.s')",
    'transform.n': "SELECT id FROM ref('source.s')",
  });
  await project.ok('run');
  edit(project, 1, 2);
  await project.ok('run');
  edit(project, 2, 3);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  return project;
}

const edit = (project: TestProject, from: number, to: number): void =>
  project.edit('seeknal/m.yml', `${from} AS v`, `${to} AS v`);

const valueOf = async (project: TestProject, environment?: string): Promise<unknown> =>
  (await project.query('SELECT DISTINCT v FROM transform_m', environment))[0]?.['v'];

async function doctor(
  project: TestProject,
  ...flags: string[]
): Promise<{ code: number | null; found: readonly Found[] }> {
  const { code, stdout } = await project.run(['doctor', ...flags, '--json']);
  const document = JSON.parse(stdout) as {
    format: string;
    version: number;
    healthy: boolean;
    problems: readonly Found[];
  };
  expect([document.format, document.version, document.healthy]).toEqual(['seeknal.doctor', 1, code === 0]);
  return { code, found: document.problems };
}

/** Expects exactly these problems without a write, then repairs them all. */
async function mends(project: TestProject, expected: readonly Partial<Found>[]): Promise<void> {
  const before = project.snapshot();
  const { code, found } = await doctor(project);
  expect([code, found]).toEqual([1, expected.map(entry => expect.objectContaining({ ...entry, repaired: false }))]);
  expect(project.snapshot()).toEqual(before);
  const repaired = await doctor(project, '--repair');
  expect([repaired.code, repaired.found]).toEqual([
    0,
    expected.map(entry => expect.objectContaining({ ...entry, repaired: true })),
  ]);
  expect(await doctor(project)).toEqual({ code: 0, found: [] });
}

function artefactOf(project: TestProject, id: string, folder = 'target'): string {
  const { nodes } = project.json(`${folder}/run_state.json`) as never as {
    readonly nodes: Record<string, { artefact: string }>;
  };
  return nodes[id]?.artefact ?? '';
}

const fileOf = (project: TestProject, artefact: string): string =>
  project.path('target/store/artefacts', artefact.slice(0, 1), `${artefact}.parquet`);

/** Replaces an artefact with another table of the same schema, with equal size and time if possible. */
function tamper(project: TestProject, artefact: string, other: string): void {
  const [path, from] = [fileOf(project, artefact), fileOf(project, other)];
  const { mtime } = statSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, readFileSync(from));
  utimesSync(path, mtime, mtime);
}

describe('doctor', () => {
  it('finds no problems in an intact store, and says what it checked', async () => {
    const project = await appliedProject();
    const before = project.snapshot();
    expect(await project.ok('doctor')).toBe('✓ The store is intact: 1 environment, 3 generations, 5 artefacts.\n');
    expect(await project.document('doctor', '--repair')).toEqual({
      format: 'seeknal.doctor',
      version: 1,
      healthy: true,
      checked: { environments: 1, generations: 3, artefacts: 5 },
      problems: [],
    });
    await project.ok('env', 'promote', 'dev', '--yes');
    await project.ok('env', 'rollback', '--yes');
    await project.ok('env', 'plan', 'dev');
    expect((await doctor(project)).found).toEqual([]);
    expect(Object.keys(before).length).toBeGreaterThan(5);
  });

  it('creates nothing without a store', async () => {
    const project = inlineProject({ 'source.s': 'id\n1\n' });
    expect(await project.ok('doctor', '--repair')).toContain('The store is intact');
    expect(project.exists('target')).toBe(false);
  });

  it('finds no problems in a copy with other file times', async () => {
    const project = await appliedProject();
    const copy = new TestProject();
    cpSync(project.root, copy.root, { recursive: true });
    expect((await doctor(copy)).found).toEqual([]);
  });

  it('repairs missing, changed and foreign views', async () => {
    const project = await appliedProject();
    project.remove('target/manifest.json');
    project.write('target/run_state.json', '{}');
    project.remove('target/intermediate/transform_n.parquet');
    project.remove('target/intermediate/transform_m.parquet');
    linkSync(
      fileOf(project, artefactOf(project, 'source.s', 'target/environments/dev')),
      project.path('target/intermediate/transform_m.parquet'),
    );
    project.write('target/intermediate/transform_x.parquet', 'x');
    project.write('target/environments/dev/refs.json', '{}');
    project.remove('target/environments/dev/intermediate');
    const wrong = (path: string) => ({ code: 'view-wrong', path: `target/${path}` });
    await mends(project, [
      wrong('intermediate/transform_m.parquet'),
      wrong('intermediate/transform_n.parquet'),
      wrong('intermediate/transform_x.parquet'),
      wrong('manifest.json'),
      wrong('run_state.json'),
      wrong('environments/dev/intermediate'),
      wrong('environments/dev/refs.json'),
    ]);
    expect(await valueOf(project)).toBe(2);
  });

  it('names a missing output of production, which the next run rebuilds', async () => {
    const project = await appliedProject();
    const artefact = artefactOf(project, 'transform.n');
    rmSync(fileOf(project, artefact), { force: true });
    const { code, found } = await doctor(project);
    expect(code).toBe(1);
    expect(found.map(entry => entry.code)).toEqual(['artefact-missing', 'view-wrong']);
    expect(found[0]).toMatchObject({
      node: 'transform.n',
      artefact,
      message: `The output ${artefact} of transform.n (production 2, 1; dev 1) is missing.`,
      hint: "The next 'seeknal run' rebuilds it.",
    });
    const repaired = await doctor(project, '--repair');
    expect(repaired.found.map(entry => [entry.code, entry.repaired])).toEqual([
      ['view-wrong', true],
      ['artefact-missing', false],
    ]);
    edit(project, 3, 2);
    expect(project.node(await project.document('run'), 'transform.n')['status']).toBe('executed');
    expect(await project.query('SELECT count(*) AS n FROM transform_n')).toEqual([{ n: 2 }]);
  });

  it('finds a changed output with equal size and time, and removes it', async () => {
    const project = await makeApplied();
    const dev = artefactOf(project, 'transform.m', 'target/environments/dev');
    tamper(project, dev, artefactOf(project, 'transform.m'));
    const { found } = await doctor(project);
    expect(found).toMatchObject([{ code: 'artefact-tampered', node: 'transform.m', artefact: dev }]);
    const shown = await project.run(['doctor']);
    expect([shown.code, shown.stdout]).toEqual([
      1,
      [
        `✗ artefact-tampered: The output ${dev} of transform.m (dev 1) was changed: its rows or columns differ from those that were written.`,
        "    It is no longer used. Run 'seeknal doctor --repair' to remove it.",
        '✗ 1 problem in the store: 1 environment, 3 generations, 5 artefacts checked.',
        '',
      ].join('\n'),
    ]);
    const repaired = await doctor(project, '--repair');
    expect(repaired.found.map(entry => [entry.code, entry.repaired, entry.hint])).toEqual([
      ['artefact-tampered', true, expect.any(String)],
      ['artefact-missing', false, "The next 'seeknal env apply dev' rebuilds it."],
    ]);
    await project.ok('env', 'apply', 'dev');
    expect(await valueOf(project, 'dev')).toBe(3);
    const after = await doctor(project);
    expect(after.found).toMatchObject([
      { code: 'artefact-missing', hint: 'Rolling back to that version is no longer possible.' },
    ]);
  });

  it('reports an unreadable output', async () => {
    const project = await makeApplied();
    const path = fileOf(project, artefactOf(project, 'source.s'));
    chmodSync(path, 0o644);
    writeFileSync(path, 'no parquet');
    expect((await doctor(project)).found).toMatchObject([{ code: 'artefact-tampered', node: 'source.s' }]);
  });

  it('recreates an unreadable record, without making an unapplied plan promotable', async () => {
    const project = await appliedProject();
    project.write('target/environments/dev/env_config.json', '{');
    await mends(project, [
      { code: 'record-damaged', environment: 'dev', path: 'target/environments/dev/env_config.json' },
    ]);
    const refused = await project.run(['env', 'promote', 'dev', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('has not been applied')]);
    await project.ok('env', 'apply', 'dev');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await valueOf(project)).toBe(3);
  });

  it('reports an edited plan, which only planning again repairs', async () => {
    const project = await appliedProject();
    project.edit('target/environments/dev/plan.json', '"to_execute":1', '"to_execute":0');
    const { found } = await doctor(project, '--repair');
    expect(found).toMatchObject([
      { code: 'plan-damaged', environment: 'dev', repaired: false, hint: "Run 'seeknal env plan dev'." },
    ]);
    await project.ok('env', 'plan', 'dev');
    expect((await doctor(project)).found).toEqual([]);
  });

  it('names and removes leftovers of crashed commands', async () => {
    const project = await appliedProject();
    project.write('target/store/tmp/abcdefgh.parquet', 'half');
    mkdirSync(project.path('target/store/tmp/duckdbyoung'));
    project.write('target/store/artefacts/a/aaaaaaaaaaaaaaaa.parquet', 'nobody knows me');
    const owner = {
      token: 't',
      command: 'env apply dev',
      pid: 4_000_000,
      host: hostname(),
      since: '2026-01-01T10:00:00.000Z',
      boot: 'another',
      pidNamespace: null,
      started: null,
    };
    project.write('target/store/lock/t.json', JSON.stringify(owner));
    appendFileSync(project.path('target/store/ledger.jsonl'), '{"t":"name","finger');
    await mends(project, [
      {
        code: 'leftover',
        path: 'target/store/lock',
        message:
          "target/store/lock was left behind by 'env apply dev' (pid 4000000, since 2026-01-01T10:00:00.000Z), which died; its unfinished work will be undone or completed.",
      },
      { code: 'leftover', path: 'target/store/tmp/abcdefgh.parquet' },
      { code: 'leftover', path: 'target/store/artefacts/a/aaaaaaaaaaaaaaaa.parquet' },
    ]);
    expect(project.exists('target/store/tmp/duckdbyoung')).toBe(true);
  });

  it('finishes a deletion that was interrupted', async () => {
    const project = await appliedProject();
    renameSync(project.path('target/environments/dev'), project.path('target/store/tmp/grave'));
    await mends(project, [
      { code: 'leftover', path: 'target/store/tmp/grave' },
      { code: 'half-deleted', path: 'target/store/generations/dev' },
    ]);
    expect(project.exists('target/store/heads/dev.json')).toBe(false);
  });

  it('names broken references', async () => {
    const project = await appliedProject();
    const lines = project.read('target/store/ledger.jsonl').split('\n');
    const definition = lines.find(line => line.startsWith('{"t":"definition"') && line.includes('1 AS v')) ?? '';
    const record = lines.find(line => line.includes(`"id":"${artefactOf(project, 'transform.n')}"`)) ?? '';
    project.write('target/store/ledger.jsonl', lines.filter(line => line !== definition && line !== record).join('\n'));
    const { code, found: all } = await doctor(project, '--repair');
    // Views lack the nodes whose records are lost.
    const found = all.filter(entry => entry.code !== 'view-wrong');
    expect(code).toBe(1);
    expect(found.map(entry => [entry.code, entry.node, entry.repaired])).toEqual([
      ['definition-missing', 'transform.m', false],
      ['artefact-missing', 'transform.n', false],
    ]);
    expect(found[0]?.message).toContain('(production 1)');
  });

  it('names unreadable and missing generations, and changes nothing', async () => {
    const project = await appliedProject();
    project.write('target/store/generations/production/1.json', '{');
    project.write(
      'target/store/heads/dev.json',
      resealed(project.read('target/store/heads/dev.json').replace('"serial":1', '"serial":7')),
    );
    const { found } = await doctor(project, '--repair');
    expect(found.map(entry => [entry.code, entry.environment, entry.path, entry.repaired])).toEqual([
      ['generation-damaged', null, 'target/store/generations/production/1.json', false],
      ['generation-damaged', 'dev', 'target/store/heads/dev.json', false],
    ]);
    expect(await valueOf(project)).toBe(2);
    project.remove('target/store/generations/production/2.json');
    const headless = await doctor(project, '--repair');
    expect([
      headless.code,
      headless.found.some(entry => entry.message === 'Production is at generation 2, which does not exist.'),
    ]).toEqual([1, true]);
  });

  it('names a generation with one changed character, even in an unimportant place', async () => {
    const project = await appliedProject();
    const path = 'target/store/generations/production/1.json';
    project.edit(path, '"by":"ana"', '"by":"anb"');
    const { code, found } = await doctor(project);
    expect([code, found]).toMatchObject([1, [{ code: 'generation-damaged', environment: null, path }]]);
    expect(found[0]?.message).toBe(`${path} is damaged.`);
    const cleaned = await project.run(['cleanup', '--yes']);
    expect([cleaned.code, cleaned.stdout.split('\n')[0]]).toEqual([
      0,
      'warning: generation 1 of production is damaged: kept, with everything it may refer to',
    ]);
    expect(project.exists(path)).toBe(true);
  });

  it('names files of a newer version, which no command replaces', async () => {
    const project = await appliedProject();
    const store = ['store.json', 'ledger.jsonl', 'heads/production.json', 'generations/production/2.json'];
    const files = [...store.map(file => `store/${file}`), 'manifest.json', 'run_state.json'];
    const own = ['env_config.json', 'plan.json'].map(name => `environments/dev/${name}`);
    edit(project, 3, 4);
    for (const file of [...files, ...own]) {
      const path = `target/${file}`;
      const whole = project.read(path);
      const newer = whole.replace(/"version":( ?)1/, '"version":$12');
      project.write(path, newer);
      const outcome = await project.run(own.includes(file) ? ['env', 'plan', 'dev'] : ['run']);
      expect([file, outcome.code, outcome.stderr]).toEqual([file, 1, expect.stringContaining('written by a newer')]);
      expect(outcome.stderr).toContain(file.endsWith('plan.json') ? "plan.json of 'dev'" : file);
      expect(outcome.stderr).toContain('Update seeknal');
      expect(project.read(path)).toBe(newer);
      project.write(path, whole);
    }
  });

  it('names a folder at the path of a view, and leaves it unchanged', async () => {
    const project = await appliedProject();
    project.remove('target/manifest.json');
    project.write('target/manifest.json/mine.txt', 'mine');
    const { code, found } = await doctor(project, '--repair');
    expect([code, found]).toMatchObject([1, [{ code: 'view-wrong', path: 'target/manifest.json', repaired: false }]]);
    expect(project.read('target/manifest.json/mine.txt')).toBe('mine');
  });

  it('reports a generation with unrecorded references as damage, not as a bug', async () => {
    const project = await appliedProject();
    const path = 'target/store/generations/production/1.json';
    project.write(path, resealed(project.read(path).replace(/("transform\.m","[^"]*",")[0-9a-f]{4}/, '$1ffff')));
    const refused = await project.run(['env', 'rollback', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('error[store-damaged]')]);
    expect(refused.stderr).toContain('no definition of transform.m');
  });

  it('reports a file in the way of the store as an error of the disk, not as a bug', async () => {
    const project = await appliedProject();
    project.write('target/store/lock', 'a file');
    for (const words of [['run'], ['doctor', '--repair'], ['env', 'apply', 'dev']]) {
      const refused = await project.run(words);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('error[disk]')]);
      expect(refused.stderr).toContain('target/store/lock');
    }
    expect(await valueOf(project)).toBe(2);
  });

  it('repairs a lost pointer to production instead of treating production as empty', async () => {
    const project = await appliedProject();
    const path = 'target/store/heads/production.json';
    const whole = project.read(path);
    for (const text of [null, '', '{}', whole.slice(0, 20)]) {
      if (text === null) project.remove(path);
      else project.write(path, text);
      const before = project.snapshot();
      const run = await project.run(['run']);
      expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('error[store-damaged]')]);
      expect(run.stderr).toContain(path);
      expect(project.snapshot()).toEqual(before);
      const { found } = await doctor(project, '--repair');
      expect(found.filter(entry => entry.path === path).map(entry => entry.repaired)).toEqual([true]);
      expect([project.read(path), await valueOf(project)]).toEqual([whole, 2]);
    }
  });

  it('lists the other environments if the history of one is unreadable', async () => {
    const project = await appliedProject();
    await project.ok('env', 'plan', 'other');
    project.write('target/store/heads/dev.json', '{');
    const { environments } = (await project.document('env', 'list')) as unknown as {
      environments: readonly { name: string; status: string }[];
    };
    expect(environments.map(entry => [entry.name, entry.status])).toEqual([
      ['dev', 'corrupt'],
      ['other', 'planned'],
    ]);
  });

  it('distinguishes damaged current generations from earlier ones', async () => {
    const project = await appliedProject();
    edit(project, 3, 4);
    for (const command of ['plan', 'apply']) await project.ok('env', command, 'dev');
    const statusOfDev = async (): Promise<unknown> =>
      ((await project.document('env', 'list')) as unknown as { environments: { status: string }[] }).environments[0]
        ?.status;
    project.edit('target/store/generations/dev/1.json', '"by":"', '"by":"x');
    expect((await doctor(project)).found).toMatchObject([
      { code: 'generation-damaged', hint: expect.stringContaining('This is not the current generation') },
    ]);
    expect(await statusOfDev()).toBe('applied');
    expect(await project.document('env', 'history', 'dev')).toMatchObject({ unreadable: [1] });
    project.edit('target/store/generations/dev/2.json', '"by":"', '"by":"x');
    expect(await statusOfDev()).toBe('corrupt');
    const history = await project.run(['env', 'history', 'dev']);
    expect([history.code, history.stdout]).toEqual([0, "ℹ No generation of 'dev' can be read.\n"]);
  });

  it('reports an unreadable store, and changes nothing', async () => {
    const project = await appliedProject();
    const whole = project.read('target/store/store.json');
    project.write('target/store/store.json', '{');
    const before = project.snapshot();
    const damaged = await doctor(project, '--repair');
    expect([damaged.code, damaged.found]).toMatchObject([
      1,
      [{ code: 'store-damaged', path: 'target/store/store.json' }],
    ]);
    expect(project.snapshot()).toEqual(before);
    project.remove('target/store/store.json');
    expect((await doctor(project, '--repair')).found).toMatchObject([{ code: 'store-damaged' }]);
    expect(project.exists('target/store/store.json')).toBe(false);
    project.write('target/store/store.json', whole.replace('"version":1', '"version":2'));
    const newer = await project.run(['doctor', '--repair']);
    expect([newer.code, newer.stderr]).toEqual([1, expect.stringContaining('error[format-too-new]')]);
    project.write('target/store/store.json', whole);
    project.edit('target/store/ledger.jsonl', '\n{', '\n{{');
    expect((await doctor(project, '--repair')).found).toMatchObject([
      { code: 'store-damaged', path: 'target/store/ledger.jsonl' },
    ]);
  });

  it('names foreign entries among the environments, and leaves them unchanged', async () => {
    const project = await appliedProject();
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'precious'), 'mine');
    symlinkSync(outside, project.path('target/environments/linked'));
    const { code, found } = await doctor(project, '--repair');
    expect([code, found]).toMatchObject([
      1,
      [{ code: 'foreign', path: 'target/environments/linked', repaired: false }],
    ]);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('mine');
    rmSync(project.path('target/environments/linked'));
    rmSync(project.path('target/intermediate'), { recursive: true });
    symlinkSync(outside, project.path('target/intermediate'));
    const linked = await doctor(project, '--repair');
    expect([linked.code, linked.found]).toMatchObject([
      1,
      [{ code: 'view-wrong', path: 'target/intermediate', repaired: false }],
    ]);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('mine');
  });

  it('does not report the files of a running command as leftovers', async () => {
    const project = await appliedProject();
    const owner = {
      token: 't',
      command: 'run',
      pid: process.pid,
      host: 'elsewhere',
      since: new Date().toISOString(),
      boot: null,
      pidNamespace: null,
      started: null,
    };
    project.write('target/store/lock/t.json', JSON.stringify(owner));
    project.write('target/store/tmp/abcdefgh.parquet', 'being written');
    const outcome = await project.run(['doctor']);
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringContaining('Another command is writing')]);
    project.write('target/environments/dev/env_config.json', '{');
    const waiting = await project.run(['doctor', '--repair', '--lock-timeout', '0']);
    expect([waiting.code, waiting.stderr]).toEqual([75, expect.stringContaining("lock held by 'run'")]);
  });
});
