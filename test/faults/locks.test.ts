import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BINARY } from '../acceptance/harness.ts';
import { runChild } from './child-command.ts';
import { assertTidy } from './convergence.ts';
import { shownTables } from './observe.ts';
import { runCommand, succeed } from './run-command.ts';
import { prepare, removeRoots, SCENARIOS, temporaryRoot, write, writeTransform } from './scenarios.ts';

afterAll(removeRoots);

const seeknal = (root: string, ...words: readonly string[]) => runChild(BINARY, [...words, '--project-path', root]);

describe('two commands at once', () => {
  it('A28: env plan dev twice leaves one whole plan', async () => {
    const root = await prepare(SCENARIOS.plan);
    const both = await Promise.all([seeknal(root, 'env', 'plan', 'dev'), seeknal(root, 'env', 'plan', 'dev')]);
    const waiting = /^ℹ waiting up to 30 s for 'env plan dev' \(pid \d+ on .+, since 20.+\)\n/;
    expect(both.map(({ end, stderr }) => [end, stderr.replace(waiting, '')])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    await succeed(root, 'env', 'apply', 'dev');
    assertTidy(root);
  });

  it('B24: env apply dev twice, one after the other; whoever does not wait is told who holds the lock', async () => {
    const root = await slowProject(3);
    await succeed(root, 'env', 'plan', 'dev');
    const first = start(root, 'env', 'apply', 'dev');
    await holdsLock(root);
    const second = await runCommand(root, ['env', 'apply', 'dev', '--lock-timeout', '0']);
    expect(second.code).toBe(75);
    expect(second.stderr).toMatch(new RegExp(`lock held by 'env apply dev' \\(pid ${first.child.pid} on .+, since 20`));
    expect(Object.keys(await shownTables(root))).toEqual(['source_a']);
    first.child.kill('SIGKILL');
    await first.ended;
  });
});

describe('a command that is stopped', () => {
  it('by Ctrl-C exits 130 and leaves no lock', async () => {
    const root = await slowProject(60);
    const { child, ended, told } = start(root, 'run');
    while (!told().includes('transform.slow')) await nap();
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(told().trimEnd().split('\n').slice(-3)).toEqual([
      '  … transform.slow (2 of 2)',
      'Interrupted.',
      '  Kept in the store: transform.quick. Production is unchanged.',
    ]);
    assertTidyLock(root);
    expect(Object.keys(await shownTables(root))).toEqual(['source_a']);
  });

  it('B24: by kill -9 leaves an environment that goes on where it was', async () => {
    const root = await slowProject(60);
    await succeed(root, 'env', 'plan', 'dev');
    const { child, ended } = start(root, 'env', 'apply', 'dev');
    while (!readFileSync(join(root, 'target/store/ledger.jsonl'), 'utf8').includes('"node":"transform.quick"'))
      await nap();
    child.kill('SIGKILL');
    await ended;
    expect(Object.keys(await shownTables(root))).toEqual(['source_a']);
    const again = start(root, 'env', 'apply', 'dev');
    await holdsLock(root);
    while (!again.told().includes('slow')) await nap();
    again.child.kill('SIGKILL');
    await again.ended;
    expect(again.told()).not.toContain('transform.quick');
    expect(artefactsOf(root)).toBe(2);
  });
});

/** Production of one source; on disk, a quick transform and one that takes as long as it is told to. */
async function slowProject(seconds: number): Promise<string> {
  const root = temporaryRoot();
  write(root, 'seeknal_project.yml', 'name: slow\nsettings: { threads: 1 }\n');
  write(root, 'data/a.csv', 'id\n1\n2\n');
  write(root, 'seeknal/a.yml', 'kind: source\nname: a\nsource: csv\ntable: data/a.csv\n');
  await succeed(root, 'run');
  writeTransform(root, 'quick', "SELECT id + 1 AS id FROM ref('source.a')");
  const rows = seconds * 100_000_000;
  writeTransform(root, 'slow', `SELECT sum(hash(i + id)) AS s FROM ref('transform.quick'), range(${rows}) AS t(i)`);
  return root;
}

function start(root: string, ...words: readonly string[]) {
  const child = spawn(process.execPath, [BINARY, ...words], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = new Promise<number | string | null>(resolve =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  );
  return { child, ended, told: () => told };
}

const nap = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5));

async function holdsLock(root: string): Promise<void> {
  while (!existsSync(join(root, 'target/store/lock'))) await nap();
}

const assertTidyLock = (root: string): void => expect(existsSync(join(root, 'target/store/lock'))).toBe(false);

const artefactsOf = (root: string): number =>
  readdirSync(join(root, 'target/store/artefacts'), { recursive: true, encoding: 'utf8' }).filter(path =>
    path.endsWith('.parquet'),
  ).length;
