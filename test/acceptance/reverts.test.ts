import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addNode, inlineProject, TestProject } from './harness.ts';
import type { Outcome } from '../support/run-binary.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KIM = { SEEKNAL_AUTHOR: 'kim' };
const OLD = "SELECT id, v FROM ref('source.s')";
const DOUBLED = "SELECT id, v * 2 AS v FROM ref('source.s')";

const edit = (project: TestProject, sql: string, extra = ''): void => addNode(project, 'transform.m', sql, extra);

async function built(): Promise<TestProject> {
  const project = inlineProject({ 'source.s': 'id,v\n1,10\n2,20\n', 'transform.m': OLD });
  addNode(project, 'transform.other', "SELECT count(*) AS n FROM ref('source.s')");
  await project.ok('run');
  return project;
}

async function promote(
  project: TestProject,
  environment = 'dev',
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const words of [
    ['plan', environment],
    ['apply', environment],
    ['promote', environment, '--yes'],
  ]) {
    const outcome = await project.run(['env', ...words], { env });
    if (outcome.code !== 0) throw new Error(outcome.stderr);
  }
}

/** Ana promotes a version of a node. */
async function promoted(sql: string, extra = ''): Promise<TestProject> {
  const project = await built();
  edit(project, sql, extra);
  await promote(project);
  return project;
}

const runAs = (project: TestProject, env: Readonly<Record<string, string>>, ...words: string[]): Promise<Outcome> =>
  project.run(['run', ...words], { env });

const columnsOf = async (project: TestProject): Promise<readonly string[]> =>
  Object.keys((await project.query('FROM transform_m LIMIT 1'))[0] ?? {});

/** Expects a refusal without a terminal, even with `--yes`, and an unchanged production. */
async function expectRefused(project: TestProject, what: string, ...words: string[]): Promise<void> {
  const before = project.json('target/manifest.json')['serial'];
  for (const flags of [[], ['--yes']]) {
    const refused = await runAs(project, KIM, ...words, ...flags);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(what)]);
    expect(refused.stderr).toContain('--allow-revert');
  }
  expect(project.json('target/manifest.json')['serial']).toBe(before);
}

describe('a promotion is not undone by accident', () => {
  it.each([
    ['the older file itself', OLD, ''],
    ['the older file in another format', "select id,\n v -- as before\nFROM ref('source.s')", ''],
    ['the older file with a description', OLD, 'description: orders\nowner: kim\n'],
    ['the older file with another column', "SELECT id, v, 1 AS k FROM ref('source.s')", ''],
    ['the older file with a filter', `${OLD} WHERE id > 1`, ''],
    ['an edit of the same column', "SELECT id, v + 1 AS v FROM ref('source.s')", ''],
  ])('by %s', async (_, sql, extra) => {
    const project = await promoted(DOUBLED);
    edit(project, sql, extra);
    const plan = await project.run(['plan'], { env: KIM });
    expect(plan.stderr).toContain('would undo generation 2 (promote, ana): transform.m (the change to column v)');
    await expectRefused(project, 'would undo generation 2 (promote, ana): transform.m (the change to column v)');
    expect((await runAs(project, KIM, '--allow-revert')).code).toBe(0);
    expect((await runAs(project, KIM)).stdout).toContain('Nothing to run');
  });

  it.each([
    ['the same with a description', DOUBLED, 'description: orders\n'],
    ['the same in another format', "select id, v*2 AS v\nFROM ref('source.s')", ''],
    ['another column', "SELECT id, v * 2 AS v, 1 AS k FROM ref('source.s')", ''],
    ['a filter', `${DOUBLED} WHERE id > 1`, ''],
    ['an edit that builds on it', "SELECT id, v * 2 + 1 AS v FROM ref('source.s')", ''],
  ])('and an edit on top of it needs no consent: %s', async (_, sql, extra) => {
    const project = await promoted(DOUBLED);
    edit(project, sql, extra);
    const outcome = await runAs(project, KIM);
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.not.stringContaining('undo')]);
  });

  it('and new data, other nodes or the next edit of the same author need no consent', async () => {
    const project = await promoted(DOUBLED);
    project.append('data/s.csv', '3,30\n');
    expect((await runAs(project, KIM)).code).toBe(0);
    addNode(project, 'transform.other', "SELECT max(id) AS n FROM ref('source.s')");
    await promote(project, 'kims', KIM);
    edit(project, "SELECT id, v * 7 AS v FROM ref('source.s')");
    expect((await runAs(project, {})).code).toBe(0);
    edit(project, "SELECT id, v * 8 AS v FROM ref('source.s')");
    await promote(project, 'again');
  });

  it('by a source, a removal or an older set of nodes', async () => {
    const project = await built();
    project.write('data/t.csv', 'id,v\n1,11\n');
    project.edit('seeknal/s.yml', 'data/s.csv', 'data/t.csv');
    addNode(project, 'transform.n', "SELECT id FROM ref('source.s')");
    project.remove('seeknal/other.yml');
    await promote(project);
    project.edit('seeknal/s.yml', 'data/t.csv', 'data/s.csv');
    project.append('seeknal/s.yml', 'description: the source\n');
    project.remove('seeknal/n.yml');
    addNode(project, 'transform.other', "SELECT min(id) AS n FROM ref('source.s')");
    const lost = 'source.s (table), transform.n (the node itself), transform.other (its removal)';
    await expectRefused(project, `would undo generation 2 (promote, ana): ${lost}`);
    await expectRefused(project, 'transform.other (its removal)', '--nodes', 'other');
  });

  it('by a selection, which needs consent only for the nodes that it moves', async () => {
    const project = await promoted(DOUBLED);
    edit(project, "SELECT id, v - 1 AS v FROM ref('source.s')");
    addNode(project, 'transform.other', "SELECT max(id) AS n FROM ref('source.s')");
    await expectRefused(project, '(promote, ana)', '--nodes', 'transform.m');
    expect((await runAs(project, KIM, '--nodes', 'transform.other')).code).toBe(0);
    await expectRefused(project, '(promote, ana)', '--full');
  });

  it('by another promotion; both authors are named, and the consent is remembered', async () => {
    const project = await promoted("SELECT id, v, v * 2 AS x FROM ref('source.s')");
    edit(project, "SELECT id, v, v * 2 AS x, v * 3 AS y FROM ref('source.s')");
    await promote(project, 'eve', { SEEKNAL_AUTHOR: 'eve' });
    edit(project, `${OLD} -- kept simple`);
    const plan = await project.run(['env', 'plan', 'kim'], { env: KIM });
    expect([plan.code, plan.stderr]).toEqual([0, expect.stringContaining('would undo generation 2 (promote, ana)')]);
    expect((await project.run(['env', 'apply', 'kim'], { env: KIM })).code).toBe(0);
    const refused = await project.run(['env', 'promote', 'kim', '--yes'], { env: KIM });
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('generation 2 (promote, ana): transform.m (column x)'),
    ]);
    expect(refused.stderr).toContain('generation 3 (promote, eve): transform.m (column y)');
    expect(await columnsOf(project)).toEqual(['id', 'v', 'x', 'y']);
    expect((await project.run(['env', 'promote', 'kim', '--yes', '--allow-revert'], { env: KIM })).code).toBe(0);
    expect(await columnsOf(project)).toEqual(['id', 'v']);
    edit(project, "SELECT id, v, v * 2 AS x, v * 3 AS y FROM ref('source.s')");
    await project.ok('run', '--allow-revert');
    edit(project, OLD);
    expect((await runAs(project, KIM, '--dry-run')).stderr).not.toContain('generation 2');
  });
});

describe('a rollback is not undone by accident', () => {
  async function rolledBack(): Promise<TestProject> {
    const project = await built();
    project.append('data/s.csv', '3,30\n');
    await project.ok('run');
    await project.ok('env', 'rollback', '--yes');
    return project;
  }

  it('if only data differs and nothing has to run', async () => {
    const project = await rolledBack();
    const lost = 'source.s (its data), transform.m (its data), transform.other (its data)';
    expect((await project.run(['plan'])).stderr).toContain(`would undo generation 3 (rollback, ana): ${lost}`);
    const preview = JSON.stringify((await project.document('run', '--dry-run'))['diagnostics']);
    expect(preview).toContain(`would undo generation 3 (rollback, ana): ${lost}`);
    await expectRefused(project, `would undo generation 3 (rollback, ana): ${lost}`);
    await expectRefused(project, 'generation 3 (rollback, ana)', '--nodes', 'transform.m');
    await project.ok('run', '--allow-revert');
    expect(await project.query('SELECT count(*) AS n FROM transform_m')).toEqual([{ n: 3 }]);
    project.append('data/s.csv', '4,40\n');
    await project.ok('run');
  });

  it('and a command that moves nothing needs no consent', async () => {
    const project = await rolledBack();
    project.write('data/s.csv', 'id,v\n1,10\n2,20\n');
    const { code, stderr } = await project.run(['run']);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('undo')]);
  });

  it('by the first promotion after it', async () => {
    const project = await rolledBack();
    addNode(project, 'transform.other', "SELECT max(id) AS n FROM ref('source.s')");
    const plan = await project.run(['env', 'plan', 'dev']);
    expect(plan.stderr).toContain('would undo generation 3 (rollback, ana)');
    await project.ok('env', 'apply', 'dev');
    for (const words of [['--yes'], ['--dry-run']]) {
      const refused = await project.run(['env', 'promote', 'dev', ...words]);
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining('generation 3 (rollback, ana): transform.other'),
      ]);
    }
    await project.ok('env', 'promote', 'dev', '--yes', '--allow-revert');
    expect(await project.query('SELECT count(*) AS n FROM transform_m')).toEqual([{ n: 2 }]);
    await project.ok('run');
  });

  it('by a definition that it undid, at any later time', async () => {
    const project = await built();
    edit(project, "SELECT id, v, v * 2 AS x FROM ref('source.s')");
    await project.ok('run');
    await project.ok('env', 'rollback', '--yes');
    edit(project, OLD);
    addNode(project, 'transform.other', "SELECT max(id) AS n FROM ref('source.s')");
    await project.ok('run', '--allow-revert');
    edit(project, "SELECT id, v, v * 2 AS x FROM ref('source.s')", 'description: orders\n');
    await expectRefused(project, 'would undo generation 3 (rollback, ana): transform.m (the removal of column x)');
  });

  it('without a question on a terminal', async () => {
    const project = await rolledBack();
    for (const [answer, code] of [
      ['n', 1],
      ['y', 0],
    ] as const) {
      const terminal = project.talk('run');
      await terminal.until('Continue? [y/N]');
      expect(terminal.text.replace(/\s+/g, ' ')).toContain('This would undo generation 3 (rollback, ana)');
      terminal.answer(answer);
      expect(await terminal.exit).toBe(code);
    }
    expect(await project.query('SELECT count(*) AS n FROM transform_m')).toEqual([{ n: 3 }]);
  });
});

describe('with git', () => {
  const git = (project: TestProject, ...words: readonly string[]): string =>
    execFileSync(
      'git',
      ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false', ...words],
      {
        cwd: project.root,
        env: { PATH: process.env['PATH'] ?? '', HOME: project.home },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    ).toString();

  const commit = (project: TestProject): string => {
    git(project, 'add', '-A');
    git(project, 'commit', '-qm', 'x', '--allow-empty');
    return git(project, 'rev-parse', 'HEAD').trim();
  };

  /** Two commits: before the promoted change, and with it. */
  async function committed({ clean }: { readonly clean: boolean }) {
    const project = await built();
    project.write('.gitignore', 'target/\n');
    git(project, 'init', '-q', '-b', 'main');
    const older = commit(project);
    edit(project, DOUBLED);
    const promotedFrom = clean ? commit(project) : null;
    await promote(project);
    const newer = promotedFrom ?? commit(project);
    return { project, older, newer };
  }

  const generation = (project: TestProject, serial: number) =>
    project.read(`target/store/generations/production/${serial}.json`).split('\n')[0];

  it('files at or after the promoted commit need no consent', async () => {
    const { project, newer } = await committed({ clean: true });
    expect(generation(project, 2)).toContain(`"commit":{"hash":"${newer}","clean":true}`);
    edit(project, "SELECT id, v + 1 AS v FROM ref('source.s')");
    expect((await runAs(project, KIM, '--dry-run')).stderr).not.toContain('undo');
    edit(project, OLD);
    commit(project);
    expect((await runAs(project, KIM)).code).toBe(0);
    expect(await project.query('SELECT max(v) AS v FROM transform_m')).toEqual([{ v: 20 }]);
  });

  it('an older commit is recognised, even from the same author', async () => {
    const { project, older } = await committed({ clean: true });
    git(project, 'checkout', '-q', older);
    const same = await project.run(['run']);
    expect([same.code, same.stderr]).toEqual([1, expect.stringContaining('would undo generation 2 (promote, ana)')]);
    edit(project, "SELECT id, v + 1 AS v FROM ref('source.s')");
    const edited = await project.run(['run']);
    expect([edited.code, edited.stderr]).toEqual([
      1,
      expect.stringContaining('would undo generation 2 (promote, ana)'),
    ]);
    await promoteRefused(project);
  });

  async function promoteRefused(project: TestProject): Promise<void> {
    await project.ok('env', 'plan', 'old');
    await project.ok('env', 'apply', 'old');
    const refused = await project.run(['env', 'promote', 'old', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('would undo generation 2 (promote, ana)'),
    ]);
  }

  it('a change that was promoted before its commit is judged by its parts', async () => {
    const { project, older } = await committed({ clean: false });
    expect(generation(project, 2)).toContain(`"commit":{"hash":"${older}","clean":false}`);
    edit(project, "SELECT id, v * 2 AS v, 1 AS k FROM ref('source.s')");
    expect((await runAs(project, KIM, '--dry-run')).stderr).not.toContain('undo');
    edit(project, "SELECT id, v, 1 AS k FROM ref('source.s')");
    await expectRefused(project, 'would undo generation 2 (promote, ana)');
  });

  it('a commit between plan and promotion counts', async () => {
    const { project } = await committed({ clean: true });
    edit(project, "SELECT id, v * 2 AS v, 1 AS k FROM ref('source.s')");
    await project.ok('env', 'plan', 'next');
    await project.ok('env', 'apply', 'next');
    const hash = commit(project);
    await project.ok('env', 'promote', 'next', '--yes');
    expect(generation(project, 3)).toContain(`"commit":{"hash":"${hash}","clean":true}`);
  });

  it('a rollback is guarded against the commit that it undid', async () => {
    const { project } = await committed({ clean: true });
    await project.ok('env', 'rollback', '--yes');
    await expectRefused(project, 'would undo generation 3 (rollback, ana): transform.m');
  });

  it('a shallow clone, an unknown commit or a missing repository is judged by the parts', async () => {
    const { project } = await committed({ clean: true });
    edit(project, "SELECT id, v, 1 AS k FROM ref('source.s')");
    commit(project);
    const clone = new TestProject(`${temporaryFolder()}/clone`);
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${project.root}`, clone.root], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', HOME: clone.home },
    });
    cpSync(project.path('target'), clone.path('target'), { recursive: true, preserveTimestamps: true });
    await expectRefused(clone, 'would undo generation 2 (promote, ana)');
    rmSync(clone.path('.git'), { recursive: true, force: true });
    await expectRefused(clone, 'would undo generation 2 (promote, ana)');
    git(clone, 'init', '-q', '-b', 'main');
    await expectRefused(clone, 'would undo generation 2 (promote, ana)');
    commit(clone);
    await expectRefused(clone, 'would undo generation 2 (promote, ana)');
  });
});
