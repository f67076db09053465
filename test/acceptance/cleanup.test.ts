import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resealed } from '../support/resealed.ts';
import { inlineProject, TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let applied: Promise<TestProject> | null = null;

/** Production in generation 1, and `dev` with an edit of `m` applied; built once and copied. */
async function appliedProject(): Promise<TestProject> {
  applied ??= makeApplied();
  const project = new TestProject();
  cpSync((await applied).root, project.root, { recursive: true, preserveTimestamps: true });
  return project;
}

async function makeApplied(): Promise<TestProject> {
  const project = inlineProject({ 'source.s': 'id\n1\n2\n', 'transform.m': "SELECT id, 1 AS v FROM ref('source.s')" });
  await project.ok('run');
  edit(project, 1, 2);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  return project;
}

const edit = (project: TestProject, from: number, to: number): void =>
  project.edit('seeknal/m.yml', `${from} AS v`, `${to} AS v`);

const valueOf = async (project: TestProject, environment?: string): Promise<unknown> =>
  (await project.query('SELECT DISTINCT v FROM transform_m', environment))[0]?.['v'];

/** Moves an environment's last use into the past. */
function lastUsed(project: TestProject, environment: string, ago: number): void {
  const path = `target/environments/${environment}/env_config.json`;
  const last_used_at = new Date(Date.now() - ago).toISOString();
  project.write(path, JSON.stringify({ ...project.json(path), last_used_at }));
  project.remove(`target/environments/${environment}/last_used`);
}

/** Makes everything in the store older by a number of days. */
function age(project: TestProject, days: number): void {
  const store = project.path('target/store');
  const older = (text: string): string =>
    text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, time =>
      JSON.stringify(new Date(Date.parse(JSON.parse(time) as string) - days * DAY).toISOString()),
    );
  const files = readdirSync(join(store, 'generations'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
  for (const file of [join(store, 'ledger.jsonl'), ...files])
    writeFileSync(file, resealed(older(readFileSync(file, 'utf8'))));
}

const artefacts = (project: TestProject): number =>
  readdirSync(project.path('target/store/artefacts'), { recursive: true }).filter(name =>
    String(name).endsWith('.parquet'),
  ).length;

const namesOf = async (project: TestProject): Promise<readonly string[]> =>
  ((await project.document('env', 'list'))['environments'] as { name: string }[]).map(entry => entry.name);

/** Sets the time zone of this process temporarily. */
async function inTimeZone<T>(zone: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

describe('expiry', () => {
  it('comes exactly one time to live after the last use, in every time zone', async () => {
    const project = await appliedProject();
    const zones = ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles', 'Asia/Kathmandu', 'Europe/Berlin'];
    for (const [ago, expired] of [
      [8 * DAY, true],
      [7 * DAY + MINUTE, true],
      [7 * DAY - MINUTE, false],
      [0, false],
      [-400 * DAY, false],
    ] as const) {
      lastUsed(project, 'dev', ago);
      for (const TZ of zones) {
        const listed = await inTimeZone(TZ, () => project.run(['env', 'list', '--json']));
        expect((JSON.parse(listed.stdout) as { environments: unknown }).environments, `${TZ} ${ago}`).toMatchObject([
          { name: 'dev', expired },
        ]);
      }
      const cleanup = await inTimeZone('Pacific/Kiritimati', () => project.run(['cleanup', '--dry-run', '--json']));
      expect((JSON.parse(cleanup.stdout) as { environments: unknown }).environments).toEqual(expired ? ['dev'] : []);
      expect((await project.ok('env', 'list')).includes('EXPIRED')).toBe(expired);
    }
  });

  it('can be set for one environment or for all; 0 never expires', async () => {
    const project = await appliedProject();
    await project.ok('env', 'plan', 'short', '--ttl', '2h');
    await project.ok('env', 'plan', 'long', '--ttl', '0');
    project.write('seeknal_project.yml', 'name: inline\nsettings: { environment_ttl: 1d }\n');
    await project.ok('env', 'plan', 'other');
    for (const name of ['dev', 'short', 'long', 'other']) lastUsed(project, name, 3 * 60 * MINUTE);
    const expiredOnes = async () =>
      ((await project.document('env', 'list'))['environments'] as { name: string; expired: boolean }[])
        .filter(entry => entry.expired)
        .map(entry => entry.name);
    expect(await expiredOnes()).toEqual(['short']);
    for (const name of ['dev', 'long', 'other']) lastUsed(project, name, 25 * 60 * MINUTE);
    expect(await expiredOnes()).toEqual(['other', 'short']);
    lastUsed(project, 'long', 4000 * DAY);
    expect(await expiredOnes()).toEqual(['other', 'short']);
    expect((await project.ok('env', 'list')).split('\n').find(line => line.startsWith('long'))).toContain('never');
    await project.ok('env', 'plan', 'short');
    expect(await expiredOnes()).toEqual(['other']);
    const wrong = await project.run(['env', 'plan', 'dev', '--ttl', 'soon']);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("not 'soon'")]);
  });

  it('counts reading an environment as use', async () => {
    const project = await appliedProject();
    lastUsed(project, 'dev', 8 * DAY);
    await project.query('SELECT 1', 'dev');
    expect((await project.document('cleanup', '--dry-run'))['environments']).toEqual([]);
  });
});

describe('cleanup', () => {
  it('removes only expired environments, and names them', async () => {
    const project = await appliedProject();
    await project.ok('env', 'plan', 'fresh');
    await project.ok('env', 'plan', 'broken');
    project.write('target/environments/broken/env_config.json', '{');
    lastUsed(project, 'dev', 8 * DAY);
    const production = project.snapshot('target/intermediate');
    expect((await project.document('cleanup', '--yes'))['environments']).toEqual(['dev']);
    expect(await namesOf(project)).toEqual(['broken', 'fresh']);
    expect(project.exists('target/environments/dev')).toBe(false);
    expect(project.exists('target/store/heads/dev.json')).toBe(false);
    expect(project.snapshot('target/intermediate')).toEqual(production);
    expect(await valueOf(project)).toBe(1);
    expect(await project.ok('cleanup', '--yes')).toBe('✓ Nothing to clean up.\n');
  });

  it('lists with --dry-run exactly what it would remove, with bytes, and writes nothing', async () => {
    const project = await appliedProject();
    lastUsed(project, 'dev', 8 * DAY);
    age(project, 40);
    const before = project.snapshot();
    const preview = await project.document('cleanup', '--dry-run');
    const shown = await project.ok('env', 'cleanup', '--dry-run');
    expect(project.snapshot()).toEqual(before);
    expect(preview).toMatchObject({ format: 'seeknal.cleanup', version: 1, environments: ['dev'], dry_run: true });
    expect(preview['artefacts']).toMatchObject([{ node: 'transform.m' }]);
    expect(preview['bytes']).toBeGreaterThan(100);
    expect(shown.replace(/[\d.]+ k?B/g, 'N kB')).toBe(
      [
        'ℹ To be removed:',
        '  environment dev   expired',
        '  1 artefact that nothing refers to   N kB',
        '  N kB in all',
        '',
      ].join('\n'),
    );
    expect(artefacts(project)).toBe(3);
    const { dry_run: _, ...expected } = preview;
    expect(await project.document('env', 'cleanup', '--yes')).toEqual(expected);
    expect(artefacts(project)).toBe(2);
  });

  it('keeps the base of an environment until the environment was promoted', async () => {
    const project = await appliedProject();
    project.write('seeknal_project.yml', 'name: inline\nsettings: { keep_generations: 1, keep_days: 0 }\n');
    for (const value of [3, 4]) {
      edit(project, value - 1, value);
      await project.ok('run');
    }
    age(project, 40);
    expect(await project.document('cleanup', '--yes')).toMatchObject({
      generations: [{ environment: null, serial: 2 }],
      artefacts: [{ node: 'transform.m' }],
    });
    expect([await valueOf(project), await valueOf(project, 'dev')]).toEqual([4, 2]);
    const conflict = await project.run(['env', 'promote', 'dev', '--yes']);
    expect([conflict.code, conflict.stderr]).toEqual([1, expect.stringContaining('conflict: transform.m')]);
    await project.ok('env', 'delete', 'dev', '--yes');
    expect(await project.document('cleanup', '--yes')).toMatchObject({ generations: [{ serial: 1 }] });
    expect(artefacts(project)).toBe(2);
    const gone = await project.run(['env', 'rollback', '--yes']);
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('no earlier generation')]);
  });

  it('leaves a project that works as before', async () => {
    const project = await appliedProject();
    project.write('seeknal_project.yml', 'name: inline\nsettings: { keep_generations: 1, keep_days: 0 }\n');
    await project.ok('env', 'promote', 'dev', '--yes');
    await project.ok('env', 'delete', 'dev', '--yes');
    age(project, 40);
    await project.ok('cleanup', '--yes');
    expect(await project.ok('run')).toContain('No changes detected. Nothing to run.');
    expect(await project.ok('env', 'plan', 'dev')).toContain('No changes detected.');
    edit(project, 2, 1);
    const planned = await project.document('env', 'plan', 'dev');
    expect(project.node(planned, 'transform.m')['action']).toBe('run');
    await project.ok('env', 'apply', 'dev');
    expect(await valueOf(project, 'dev')).toBe(1);
    expect(await project.ok('env', 'history')).toContain('Total: 1 generation\n');
  });

  it('keeps the results of a failed apply for a day', async () => {
    const project = inlineProject({
      'source.s': 'id\n1\n',
      'transform.a': "SELECT id FROM ref('source.s')",
      'transform.b': "SELECT error('no') AS e, id FROM ref('transform.a')",
    });
    expect((await project.run(['run'])).code).toBe(1);
    expect(await project.ok('cleanup', '--yes')).toBe('✓ Nothing to clean up.\n');
    project.edit('seeknal/b.yml', "error('no')", "'yes'");
    expect(project.node(await project.document('run'), 'transform.a')['status']).toBe('reused');
  });

  it('creates nothing without a store, and refuses settings with mistakes', async () => {
    const empty = inlineProject({ 'source.s': 'id\n1\n' });
    expect(await empty.ok('cleanup', '--yes')).toBe('✓ Nothing to clean up.\n');
    expect(empty.exists('target')).toBe(false);
    const project = await appliedProject();
    project.write('seeknal_project.yml', 'name: inline\nsettings: { keep_generations: many }\n');
    const before = project.snapshot();
    const refused = await project.run(['cleanup', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('keep_generations')]);
    expect(project.snapshot()).toEqual(before);
  });

  it('does not follow links', async () => {
    const project = await appliedProject();
    const outside = temporaryFolder();
    mkdirSync(join(outside, 'old'));
    const used = JSON.stringify({ ...project.json('target/environments/dev/env_config.json'), name: 'old' });
    writeFileSync(
      join(outside, 'old', 'env_config.json'),
      used.replace(/"last_used_at":"[^"]*"/, '"last_used_at":"2020-01-01T00:00:00.000Z"'),
    );
    symlinkSync(join(outside, 'old'), project.path('target/environments/old'));
    expect((await project.document('cleanup', '--yes'))['environments']).toEqual([]);
    expect(existsSync(join(outside, 'old', 'env_config.json'))).toBe(true);
  });

  it.each([
    'store',
    'store/tmp',
    'store/heads',
    'store/generations',
    'store/generations/production',
    'store/generations/dev',
    'store/artefacts',
    'store/lock',
    'cache',
    'intermediate',
    'environments',
    'environments/dev',
    'environments/dev/intermediate',
  ])('deletes nothing behind a link at target/%s', async folder => {
    const project = await appliedProject();
    const outside = temporaryFolder();
    const mine = [
      'photos/1.jpg',
      'tmp/thesis.txt',
      'generations/photos/1.json',
      'heads/photos.json',
      '1.json',
      'mine.parquet',
    ];
    for (const file of mine) {
      mkdirSync(dirname(join(outside, file)), { recursive: true });
      writeFileSync(join(outside, file), 'mine');
      utimesSync(join(outside, file), 0, 0);
    }
    const place = project.path('target', folder);
    rmSync(place, { recursive: true, force: true });
    symlinkSync(outside, place);
    for (const words of [['run'], ['env', 'plan', 'dev'], ['env', 'delete', 'dev', '--yes'], ['cleanup', '--yes']])
      await project.run(words);
    expect(mine.map(file => readFileSync(join(outside, file), 'utf8'))).toEqual(mine.map(() => 'mine'));
  });

  it('asks, needs --yes without a terminal, and waits for the lock', async () => {
    const project = await appliedProject();
    lastUsed(project, 'dev', 8 * DAY);
    const silent = await project.run(['cleanup']);
    expect([silent.code, silent.stderr]).toEqual([1, expect.stringContaining('--yes')]);
    const asking = project.talk('cleanup');
    await asking.until('environment dev   expired');
    await asking.until('Remove all this? [y/N] ');
    asking.answer('n');
    await asking.until('Aborted');
    expect(await asking.exit).toBe(1);
    expect(await namesOf(project)).toEqual(['dev']);
    const agreed = project.talk('cleanup');
    await agreed.until('[y/N] ');
    agreed.answer('y');
    expect(await agreed.exit).toBe(0);
    expect(await namesOf(project)).toEqual([]);
  });

  it('keeps an environment that was used while it asked', async () => {
    const project = await appliedProject();
    lastUsed(project, 'dev', 8 * DAY);
    const asking = project.talk('cleanup');
    await asking.until('[y/N] ');
    await project.query('SELECT 1', 'dev');
    asking.answer('y');
    expect(await asking.exit).toBe(0);
    expect(await namesOf(project)).toEqual(['dev']);
  });

  it('does not disturb an open shell', async () => {
    const project = await appliedProject();
    const shell = project.talk('repl', '--env', 'dev');
    await shell.until('seeknal[dev]> ');
    edit(project, 2, 1);
    edit(project, 1, 3);
    await project.ok('run');
    age(project, 40);
    await project.ok('cleanup', '--yes');
    shell.answer('SELECT DISTINCT v AS still FROM transform_m;');
    await shell.until('(1 row)');
    expect(shell.text).toMatch(/│ +2 │/);
    shell.end();
    expect(await shell.exit).toBe(0);
  });
});
