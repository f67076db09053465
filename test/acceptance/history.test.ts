import { appendFileSync, chmodSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addUniqueCustomers, ALL, baselineProject, DAILY, inlineProject, TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Entry {
  readonly serial: number;
  readonly cause: string;
  readonly nodes_changed: readonly string[];
  readonly current: boolean;
}

const historyOf = async (project: TestProject, ...environment: string[]): Promise<readonly Entry[]> =>
  (await project.document('env', 'history', ...environment))['generations'] as Entry[];

async function promotedProject(): Promise<TestProject> {
  const project = await baselineProject();
  addUniqueCustomers(project);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  await project.ok('env', 'promote', 'dev', '--yes');
  return project;
}

const hasCustomers = async (project: TestProject, environment?: string): Promise<boolean> =>
  'unique_customers' in ((await project.query('SELECT * FROM transform_daily_revenue LIMIT 1', environment))[0] ?? {});

const statusOf = async (project: TestProject): Promise<unknown> =>
  ((await project.document('env', 'list'))['environments'] as readonly { status: string }[])[0]?.status;

/** A small project with one source and one edited transform. */
async function smallProject(): Promise<TestProject> {
  const project = inlineProject({ 'source.s': 'id\n1\n2\n', 'transform.m': "SELECT id, 1 AS v FROM ref('source.s')" });
  await project.ok('run');
  return project;
}

const edit = (project: TestProject, from: number, to: number): void =>
  project.edit('seeknal/m.yml', `${from} AS v`, `${to} AS v`);

const valueOf = async (project: TestProject, environment?: string): Promise<unknown> =>
  (await project.query('SELECT DISTINCT v FROM transform_m', environment))[0]?.['v'];

const artefactFile = (project: TestProject, artefact: string): string =>
  project.path('target/store/artefacts', artefact.slice(0, 1), `${artefact}.parquet`);

function artefactOf(project: TestProject, id: string, state = 'target/run_state.json'): string {
  const { nodes } = project.json(state) as never as { readonly nodes: Record<string, { artefact: string }> };
  return nodes[id]?.artefact ?? '';
}

describe('env history', () => {
  it('lists the generations of production, latest first, with their changes', async () => {
    const project = await promotedProject();
    await project.ok('env', 'rollback', '--yes');
    const document = await project.document('env', 'history');
    expect(document).toMatchObject({
      format: 'seeknal.history',
      version: 1,
      environment: null,
      generations: [
        { serial: 3, parent: 2, cause: 'rollback', from: null, by: 'ana', current: true },
        { serial: 2, parent: 1, cause: 'promote', from: 'dev', by: 'ana', current: false },
        { serial: 1, parent: null, cause: 'run', from: null, by: 'ana', current: false },
      ],
    });
    expect((await historyOf(project)).map(entry => entry.nodes_changed)).toEqual([
      ['transform.daily_revenue'],
      ['transform.daily_revenue'],
      ALL,
    ]);
    const shown = await project.ok('env', 'history');
    expect(shown.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME').replace(/Time {15}/, 'Time   ')).toBe(
      [
        'ℹ History of production',
        '',
        '    Serial   Time   Cause      From   By    Changed',
        '*   3        TIME   rollback          ana   transform.daily_revenue',
        '    2        TIME   promote    dev    ana   transform.daily_revenue',
        '    1        TIME   run               ana   5 nodes',
        '',
        'Total: 3 generations',
        '',
      ].join('\n'),
    );
  });

  it('lists those of an environment; none is current while it follows production', async () => {
    const project = await promotedProject();
    expect(await historyOf(project, 'dev')).toMatchObject([{ serial: 1, cause: 'apply', current: false }]);
    const empty = new TestProject();
    empty.write('seeknal_project.yml', 'name: empty\n');
    expect(await empty.ok('env', 'history')).toBe('ℹ No generations of production yet.\n');
    expect(await historyOf(empty)).toEqual([]);
    expect(empty.exists('target')).toBe(false);
  });

  it('counts a removed node as changed, and writes nothing', async () => {
    const project = await baselineProject();
    project.remove(DAILY);
    await project.ok('run');
    const before = project.snapshot();
    expect((await historyOf(project))[0]?.nodes_changed).toEqual(['transform.daily_revenue']);
    expect(project.snapshot()).toEqual(before);
  });
});

describe('env rollback', () => {
  it('restores the previous version, which the next run does not silently undo', async () => {
    const project = await promotedProject();
    const result = await project.document('env', 'rollback', '--yes');
    expect(result).toMatchObject({ format: 'seeknal.run', environment: null, serial: 3, status: 'done' });
    expect(project.node(result, 'transform.daily_revenue')['status']).toBe('promoted');
    expect(project.node(result, 'transform.orders_merged')['status']).toBe('reused');
    expect(await hasCustomers(project)).toBe(false);
    expect(project.json('target/run_state.json')['serial']).toBe(3);
    expect(project.read('target/manifest.json')).not.toContain('unique_customers');
    const planned = await project.run(['env', 'plan', 'again']);
    expect(planned.stdout).not.toContain('No changes detected');
    for (const words of [['run'], ['run', '--yes']]) {
      const refused = await project.run(words);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('would undo generation 3 (rollback')]);
      expect(refused.stderr).toContain('--allow-revert');
    }
    expect(await hasCustomers(project)).toBe(false);
    await project.ok('run', '--allow-revert');
    expect(await hasCustomers(project)).toBe(true);
  });

  it('goes one generation further back each time, or to a given generation', async () => {
    const project = await smallProject();
    edit(project, 1, 2);
    await project.ok('run');
    edit(project, 2, 3);
    await project.ok('run');
    const away = await project.run(['env', 'rollback', '--yes']);
    expect(away.stderr).toContain('The files on disk no longer match production: transform.m.');
    expect(await valueOf(project)).toBe(2);
    expect(await project.ok('env', 'rollback', '--dry-run')).toContain('from generation 4 to 1');
    expect(await project.document('env', 'rollback', '--yes')).toMatchObject({ serial: 5, rolled_back_to: 1 });
    expect(await valueOf(project)).toBe(1);
    const first = await project.run(['env', 'rollback', '--yes']);
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('no earlier generation than 1')]);
    expect(first.stderr).toContain("Run 'seeknal env rollback --to SERIAL' to choose a generation.");
    const forth = await project.run(['env', 'rollback', '--to', '3', '--yes']);
    expect(forth.stderr).not.toContain('differ');
    expect(await valueOf(project)).toBe(3);
    const entries = await historyOf(project);
    expect(entries.map(entry => [entry.serial, entry.cause, entry.nodes_changed])).toEqual([
      [6, 'rollback', ['transform.m']],
      [5, 'rollback', ['transform.m']],
      [4, 'rollback', ['transform.m']],
      [3, 'run', ['transform.m']],
      [2, 'run', ['transform.m']],
      [1, 'run', ['source.s', 'transform.m']],
    ]);
  });

  it('counts from the shown content, also after a rollback to a rollback', async () => {
    const project = await smallProject();
    for (const value of [1, 2, 3]) {
      edit(project, value, value + 1);
      await project.ok('run');
    }
    await project.ok('env', 'rollback', '--to', '2', '--yes');
    edit(project, 4, 5);
    await project.ok('run', '--allow-revert');
    await project.ok('env', 'rollback', '--yes');
    expect(await valueOf(project)).toBe(2);
    await project.ok('env', 'rollback', '--yes');
    expect(await valueOf(project)).toBe(1);
  });

  it('has nothing to do if production is already identical', async () => {
    const project = await smallProject();
    edit(project, 1, 2);
    await project.ok('run');
    await project.ok('env', 'rollback', '--to', '1', '--yes');
    const before = project.snapshot();
    const again = await project.run(['env', 'rollback', '--to', '1']);
    expect([again.code, again.stdout]).toEqual([0, '✓ Nothing to roll back: production is at 3, which equals 1.\n']);
    expect(await project.document('env', 'rollback', '--to', '1', '--yes')).toMatchObject({
      status: 'nothing_to_do',
      serial: null,
    });
    expect(project.snapshot()).toEqual(before);
  });

  it('restores removed nodes and removes added ones', async () => {
    const project = await baselineProject();
    const daily = project.read(DAILY);
    project.remove(DAILY);
    project.write('seeknal/transforms/extra.yml', daily.replace('name: daily_revenue', 'name: extra'));
    await project.ok('run');
    const result = await project.document('env', 'rollback', '--yes');
    expect(result.nodes.filter(node => node['status'] !== 'reused').map(node => [node.id, node['status']])).toEqual([
      ['transform.daily_revenue', 'promoted'],
      ['transform.extra', 'removed'],
    ]);
    expect(project.exists('target/intermediate/transform_daily_revenue.parquet')).toBe(true);
    expect(project.exists('target/intermediate/transform_extra.parquet')).toBe(false);
  });

  it('shows with --dry-run what it would do, and writes nothing', async () => {
    const project = await promotedProject();
    const before = project.snapshot();
    const shown = await project.ok('env', 'rollback', '--dry-run');
    expect(shown).toBe(
      [
        'ℹ Rolling production back from generation 2 to 1 changes:',
        '  transform.daily_revenue   would be restored from generation 1   8 rows',
        '',
      ].join('\n'),
    );
    const document = await project.document('env', 'rollback', '--dry-run');
    expect(document).toMatchObject({ format: 'seeknal.run', dry_run: true, serial: null, rolled_back_to: 1 });
    expect(project.snapshot()).toEqual(before);
  });

  it('reports that there is no earlier generation', async () => {
    const project = await smallProject();
    await project.ok('env', 'plan', 'dev');
    const before = project.snapshot();
    const cases: readonly (readonly string[])[] = [[], ['--to', '7'], ['dev'], ['--dry-run']];
    for (const words of cases) {
      const refused = await project.run(['env', 'rollback', ...words, '--yes']);
      expect([refused.code, refused.stderr], words.join(' ')).toEqual([
        1,
        expect.stringContaining('no earlier generation'),
      ]);
    }
    expect((await project.run(['env', 'rollback', 'nope', '--yes'])).stderr).toContain("Environment 'nope' not found.");
    expect(project.snapshot()).toEqual(before);
    const current = await project.run(['env', 'rollback', '--to', '1', '--yes']);
    expect([current.code, current.stdout]).toEqual([0, '✓ Nothing to roll back: production is at 1.\n']);
    const empty = inlineProject({ 'source.s': 'id\n1\n' });
    expect((await empty.run(['env', 'rollback', '--yes'])).stderr).toContain('no earlier generation');
    expect(empty.exists('target')).toBe(false);
  });

  it('never restores missing or damaged outputs', async () => {
    const project = await smallProject();
    const earlier = artefactFile(project, artefactOf(project, 'transform.m'));
    edit(project, 1, 2);
    await project.ok('run');
    const copy = new TestProject();
    cpSync(project.root, copy.root, { recursive: true });
    chmodSync(earlier, 0o644);
    const bytes = readFileSync(earlier);
    rmSync(earlier);
    const missing = await project.run(['env', 'rollback', '--yes']);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('The outputs of transform.m')]);
    writeFileSync(earlier, readFileSync(artefactFile(project, artefactOf(project, 'transform.m'))));
    for (const words of [['--yes'], ['--dry-run']]) {
      const tampered = await project.run(['env', 'rollback', ...words]);
      expect([tampered.code, tampered.stderr]).toEqual([1, expect.stringContaining('are missing or damaged')]);
    }
    expect(await valueOf(project)).toBe(2);
    writeFileSync(earlier, bytes);
    await project.ok('env', 'rollback', '--yes');
    expect(await valueOf(project)).toBe(1);
    await copy.ok('env', 'rollback', '--yes');
    expect(await valueOf(copy)).toBe(1);
  });

  it('works on an environment, which is then promotable only with its own plan', async () => {
    const project = await smallProject();
    edit(project, 1, 2);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    edit(project, 2, 3);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    const production = project.snapshot('target/intermediate');
    await project.ok('env', 'rollback', 'dev', '--yes');
    expect([await valueOf(project, 'dev'), await valueOf(project)]).toEqual([2, 1]);
    expect(project.snapshot('target/intermediate')).toEqual(production);
    const refused = await project.run(['env', 'promote', 'dev', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('has not been applied')]);
    expect(await historyOf(project, 'dev')).toMatchObject([
      { serial: 3, parent: 2, cause: 'rollback', nodes_changed: ['transform.m'], current: true },
      { serial: 2 },
      { serial: 1 },
    ]);
    expect(await statusOf(project)).toBe('planned');
    expect(await project.ok('env', 'show', 'dev')).toContain('has not been applied');
    const first = await project.run(['env', 'rollback', 'dev', '--yes']);
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('env rollback dev --to SERIAL')]);
    await project.ok('env', 'rollback', 'dev', '--to', '2', '--yes');
    expect(await statusOf(project)).toBe('applied');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await valueOf(project)).toBe(3);
    const follower = await project.run(['env', 'rollback', 'dev', '--yes']);
    expect([follower.code, follower.stderr]).toEqual([1, expect.stringContaining('no earlier generation of its own')]);
  });

  it('skips a damaged current generation if a serial is given', async () => {
    const project = await promotedProject();
    const damaged = 'target/store/generations/production/2.json';
    project.write(damaged, 'garbage');
    for (const words of [['run'], ['env', 'rollback', '--yes']]) {
      const { code, stderr } = await project.run(words);
      expect([code, stderr]).toEqual([1, expect.stringContaining('2.json is damaged.')]);
    }
    await project.ok('env', 'rollback', '--to', '1', '--yes');
    expect(await hasCustomers(project)).toBe(false);
    const history = await project.run(['env', 'history', '--json']);
    expect(history.stderr).toContain('warning: generation 2 cannot be read');
    const { generations } = JSON.parse(history.stdout) as { generations: readonly Entry[] };
    expect(generations.map(({ serial, cause, current }) => [serial, cause, current])).toEqual([
      [3, 'rollback', true],
      [1, 'run', false],
    ]);
    await project.ok('run', '--allow-revert');
    expect(await hasCustomers(project)).toBe(true);
  });

  it('works with broken project files', async () => {
    const project = await smallProject();
    edit(project, 1, 2);
    await project.ok('run');
    project.append('seeknal/m.yml', 'broken: [');
    const { code, stderr } = await project.run(['env', 'rollback', '--yes']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('The files on disk have mistakes')]);
    expect(await valueOf(project)).toBe(1);
  });

  it('asks, and needs --yes without a terminal', async () => {
    const project = await promotedProject();
    const before = project.snapshot();
    const silent = await project.run(['env', 'rollback']);
    expect([silent.code, silent.stderr]).toEqual([1, expect.stringContaining('--yes')]);
    expect(project.snapshot()).toEqual(before);
    const asking = project.talk('env', 'rollback');
    await asking.until('Roll production back from generation 2 to 1? [y/N] ');
    asking.answer('n');
    await asking.until('Aborted');
    expect(await asking.exit).toBe(1);
    expect(project.snapshot()).toEqual(before);
  });

  it('does nothing if production moved after the confirmation', async () => {
    const project = await promotedProject();
    const asking = project.talk('env', 'rollback');
    await asking.until('[y/N] ');
    appendFileSync(project.path('data/orders.csv'), `${lastOrder(project)}\n`);
    await project.ok('run');
    asking.answer('y');
    expect(await asking.exit).toBe(1);
    expect(asking.text).toContain('moved on from generation 2 to 3');
    expect((await historyOf(project))[0]?.serial).toBe(3);
  });

  it('refuses invalid names before any file is touched', async () => {
    const project = await smallProject();
    symlinkSync(temporaryFolder(), project.path('target/environments'));
    const before = project.snapshot();
    for (const name of ['../x', 'a/b', 'Dev', 'production', 'prod', '.', '..', '']) {
      for (const command of ['history', 'rollback']) {
        const refused = await project.run(['env', command, name, ...(command === 'rollback' ? ['--yes'] : [])]);
        expect([refused.code, refused.stderr], `${command} ${name}`).toEqual([
          1,
          expect.stringContaining('error[environment-name]'),
        ]);
      }
    }
    expect(project.snapshot()).toEqual(before);
  });
});

const lastOrder = (project: TestProject): string =>
  (readFileSync(join(project.root, 'data/orders.csv'), 'utf8').trim().split('\n').at(-1) ?? '').replace(
    /^[^,]+/,
    'ORD-998',
  );
