import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assertTidy } from '../faults/convergence.ts';
import { shownTables } from '../faults/observe.ts';
import { runCommand, succeed } from '../faults/run-command.ts';
import { prepare, removeRoots, SCENARIOS, temporaryRoot, write, writeTransform } from '../faults/scenarios.ts';
import { BINARY, runBinary } from '../support/run-binary.ts';
import { until } from '../support/until.ts';

afterAll(removeRoots);

describe('two concurrent commands', () => {
  it('plan or apply one environment one after the other', async () => {
    const root = await prepare(SCENARIOS.plan);
    const both = (...words: readonly string[]) => Promise.all([1, 2].map(() => runBinary(words, { cwd: root })));
    const waiting = /^ℹ waiting up to 30 s for 'env plan dev' \(pid \d+ on .+, since 20.+\)\n/;
    const plans = await both('env', 'plan', 'dev');
    expect(plans.map(({ code, stderr }) => [code, stderr.replace(waiting, '')])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const applies = await both('env', 'apply', 'dev', '--json');
    const statuses = applies.map(({ stdout }) => (JSON.parse(stdout) as { readonly status: string }).status);
    expect(statuses.sort()).toEqual(['done', 'nothing_to_do']);
    expect(applies.map(({ code }) => code)).toEqual([0, 0]);
    const history = JSON.parse(await succeed(root, 'env', 'history', 'dev', '--json')) as { generations: unknown[] };
    expect(history.generations).toHaveLength(1);
    assertTidy(root);
  });

  it('name the owner of the lock if one does not wait', async () => {
    const root = await slowProject();
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
  it('by Ctrl-C reports what it kept and leaves no lock', async () => {
    const root = await slowProject();
    const { child, ended, told } = start(root, 'run');
    await until(() => told().includes('transform.slow'), told);
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

  it('by kill -9 can be continued where it stopped', async () => {
    const root = await slowProject();
    await succeed(root, 'env', 'plan', 'dev');
    const { child, ended } = start(root, 'env', 'apply', 'dev');
    const ledger = (): string => readFileSync(join(root, 'target/store/ledger.jsonl'), 'utf8');
    await until(() => ledger().includes('"node":"transform.quick"'), ledger);
    child.kill('SIGKILL');
    await ended;
    expect(Object.keys(await shownTables(root))).toEqual(['source_a']);
    const again = start(root, 'env', 'apply', 'dev');
    await holdsLock(root);
    await until(() => again.told().includes('slow'), again.told);
    again.child.kill('SIGKILL');
    await again.ended;
    expect(again.told()).not.toContain('transform.quick');
    expect(artefactsOf(root)).toBe(2);
  });
});

const ENDLESS_ROWS = 100_000_000_000;

/** A project with one source in production; on disk, a quick transform and one that never ends during a test. */
async function slowProject(): Promise<string> {
  const root = temporaryRoot();
  write(root, 'seeknal_project.yml', 'name: slow\nsettings: { threads: 1 }\n');
  write(root, 'data/a.csv', 'id\n1\n2\n');
  write(root, 'seeknal/a.yml', 'kind: source\nname: a\nsource: csv\ntable: data/a.csv\n');
  await succeed(root, 'run');
  writeTransform(root, 'quick', "SELECT id + 1 AS id FROM ref('source.a')");
  writeTransform(
    root,
    'slow',
    `SELECT sum(hash(i + id)) AS s FROM ref('transform.quick'), range(${ENDLESS_ROWS}) AS t(i)`,
  );
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

const holdsLock = (root: string): Promise<void> =>
  until(
    () => existsSync(join(root, 'target/store/lock')),
    () => 'the lock',
  );

const assertTidyLock = (root: string): void => expect(existsSync(join(root, 'target/store/lock'))).toBe(false);

const artefactsOf = (root: string): number =>
  readdirSync(join(root, 'target/store/artefacts'), { recursive: true, encoding: 'utf8' }).filter(path =>
    path.endsWith('.parquet'),
  ).length;
