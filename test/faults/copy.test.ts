import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BINARY } from '../support/run-binary.ts';
import { assertTidy } from './convergence.ts';
import { filesShown, shownTables, type Tables } from './observe.ts';
import type { Outcome } from '../support/run-binary.ts';
import { succeed } from './run-command.ts';
import { copyOf, removeRoots, temporaryRoot, write, writeTransform } from './scenarios.ts';

const ROWS = 400_000;

let start = '';
let old: Tables = {};
beforeAll(async () => {
  start = temporaryRoot();
  await makeProject(start);
  old = await shownTables(start);
  writeTransform(
    start,
    'large',
    `SELECT v, i, hash(v * 1000000 + i) AS h FROM ref('source.n'), range(${ROWS}) AS t(i)`,
  );
});
afterAll(removeRoots);

async function makeProject(root: string): Promise<void> {
  write(root, 'seeknal_project.yml', 'name: copies\nsettings: { threads: 1 }\n');
  write(root, 'data/n.csv', 'v\n1\n2\n');
  write(root, 'seeknal/n.yml', 'kind: source\nname: n\nsource: csv\ntable: data/n.csv\n');
  writeTransform(root, 'large', "SELECT v FROM ref('source.n')");
  await succeed(root, 'run');
}

/** Asserts that readers and later commands are unaffected after writing the large query failed. */
async function assertUnharmed(root: string): Promise<void> {
  expect(await shownTables(root)).toEqual(old);
  expect(await filesShown(root)).toEqual(old);
  expect(artefactsOf(root)).toHaveLength(2);
  await succeed(root, 'env', 'plan', 'spare');
  assertTidy(root);
}

const artefactsOf = (root: string): readonly string[] =>
  readdirSync(join(root, 'target/store/artefacts'), { recursive: true, encoding: 'utf8' }).filter(path =>
    path.endsWith('.parquet'),
  );

async function assertRunsAgain(root: string): Promise<void> {
  await succeed(root, 'run');
  const rows = await succeed(root, 'repl', '-e', 'SELECT count(DISTINCT h) AS n FROM transform_large', '--json');
  expect(JSON.parse(rows)).toEqual([{ n: 2 * ROWS }]);
}

describe('a COPY that is killed', () => {
  it('leaves a partial file that is never adopted', async () => {
    const root = copyOf(start);
    const child = spawn(process.execPath, [BINARY, 'run'], {
      cwd: root,
      env: { ...process.env, HOME: root },
      stdio: 'ignore',
    });
    const ended = new Promise(resolve => child.on('close', (_, signal) => resolve(signal)));
    while (child.exitCode === null && bytesBelow(join(root, 'target/store/tmp')) < 100_000) await nap();
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(bytesBelow(join(root, 'target/store/tmp'))).toBeGreaterThan(0);
    await assertUnharmed(root);
    await assertRunsAgain(root);
  });
});

const nap = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 2));

function bytesBelow(folder: string): number {
  const files = readdirSync(folder).filter(name => name.endsWith('.parquet'));
  return files.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

describe('a COPY that runs out of space', () => {
  it('because of a file size limit changes nothing', async () => {
    const root = copyOf(start);
    const outcome = await runInShell(root, 'ulimit -f 1024');
    assertRefused(outcome, /too large/i);
    await assertUnharmed(root);
    await assertRunsAgain(root);
  });

  it.skipIf(mountRefusal() !== null)(
    `because the file system is full changes nothing${mountRefusal() ?? ''}`,
    async () => {
      const root = temporaryRoot();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', root]);
      try {
        execFileSync('cp', ['-a', `${start}/.`, root]);
        const ballast = join(root, 'ballast');
        writeFileSync(ballast, Buffer.alloc(20 * 1024 * 1024));
        assertRefused(await runInShell(root, 'true'), /no space left/i);
        await assertUnharmed(root);
        rmSync(ballast);
        await assertRunsAgain(root);
      } finally {
        execFileSync('umount', [root]);
      }
    },
  );
});

/** Why no small file system can be mounted here; null if one can. */
function mountRefusal(): string | null {
  if (process.platform !== 'linux') return ` (skipped: only Linux has tmpfs)`;
  const folder = join(temporaryRoot(), 'mounted');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return null;
  } catch {
    return ' (skipped: mounting needs root)';
  }
}

function assertRefused({ code, stdout, stderr }: Outcome, reason: RegExp): void {
  expect(code, stderr).toBe(1);
  expect(`${stdout}${stderr}`).toMatch(reason);
  expect(stderr).toContain('transform.large');
  expect(stderr).not.toMatch(/bug|\n\s+at /);
}

function runInShell(root: string, preparation: string): Promise<Outcome> {
  const child = spawn('sh', ['-c', `${preparation} && exec "$0" "$1" run`, process.execPath, BINARY], {
    cwd: root,
    env: { ...process.env, HOME: root },
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  return new Promise(resolve => child.on('close', code => resolve({ code: code ?? -1, ...texts })));
}
