import assert from 'node:assert/strict';
import { buildFixture, runChild } from './child-command.ts';
import { assertTidy } from './convergence.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { filesShown, shownTables } from './observe.ts';
import { succeed } from './run-command.ts';
import { temporaryRoot, write, writeTransform } from './scenarios.ts';

export interface Report {
  readonly words: readonly string[];
  readonly code: number;
  readonly result: { readonly status?: string; readonly serial?: number | null; readonly environment?: string | null };
  readonly stderr: string;
}

/** Messages with which a concurrent command may be refused. */
const REFUSALS =
  /stale|conflict|lock held|moved on|has not been applied|nothing to promote|no earlier generation|would undo/i;

export interface Crowd {
  readonly processes: number;
  /** How many commands each process runs. */
  readonly commands: number;
  /** Each process stops after this time. */
  readonly seconds: number;
}

/** Lets processes plan, apply, promote, roll back and read one project concurrently; returns all outcomes. */
export async function workTogether({ processes, commands, seconds }: Crowd): Promise<readonly Report[]> {
  const root = await sharedProject();
  const { program, remove } = await buildFixture('worker.fixture.ts');
  const children = Array.from({ length: processes }, () =>
    runChild(program, [root, String(commands), String(seconds)]),
  );
  const ended = await Promise.all(children);
  remove();
  for (const { end, stderr } of ended) assert.equal(end, 0, stderr);
  const reports = ended.flatMap(({ stdout }) =>
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Report),
  );
  reports.forEach(assertDoneOrRefused);
  assertSerialHistory(root, reports);
  assert.deepEqual(await filesShown(root), await shownTables(root));
  await assertAllWork(root);
  return reports;
}

/** Asserts that a command of each kind succeeds when it runs alone. */
async function assertAllWork(root: string): Promise<void> {
  writeTransform(root, 'b', "SELECT id, 9 AS k FROM ref('source.a')");
  await succeed(root, 'env', 'plan', 'one');
  await succeed(root, 'env', 'apply', 'one');
  await succeed(root, 'env', 'promote', 'one', '--yes', '--allow-revert');
  assert.match((await shownTables(root))['transform_c'] ?? '', /9/);
  await succeed(root, 'env', 'rollback', '--yes');
  await succeed(root, 'run', '--allow-revert');
  assertTidy(root);
}

/** `c` shows the version of `b` that it was built from; `d` is independent. */
async function sharedProject(): Promise<string> {
  const root = temporaryRoot();
  write(root, 'seeknal_project.yml', 'name: together\nsettings: { threads: 1 }\n');
  write(root, 'data/a.csv', 'id\n1\n2\n');
  write(root, 'seeknal/a.yml', 'kind: source\nname: a\nsource: csv\ntable: data/a.csv\n');
  writeTransform(root, 'b', "SELECT id, 1 AS k FROM ref('source.a')");
  writeTransform(root, 'c', "SELECT max(k) AS k FROM ref('transform.b')");
  writeTransform(root, 'd', "SELECT id, 1 AS k FROM ref('source.a')");
  await succeed(root, 'run');
  for (const name of ['one', 'two', 'three']) await succeed(root, 'env', 'plan', name);
  return root;
}

function assertDoneOrRefused({ words, code, result, stderr }: Report): void {
  if (words[0] === 'repl') return assert.deepEqual([code, result], [0, [{ same: true }]], stderr);
  assert.ok(code === 0 || REFUSALS.test(stderr), `seeknal ${words.join(' ')} exited ${code}: ${stderr}`);
}

/** Asserts that the history has every reported switch of production once, each based on the previous one, and complete. */
function assertSerialHistory(root: string, reports: readonly Report[]): void {
  const store = openStore(root);
  const last = store.head(null) ?? 0;
  const moved = reports
    .filter(({ code, words, result }) => code === 0 && words[0] !== 'repl' && result.environment === null)
    .flatMap(({ result }) => (typeof result.serial === 'number' ? [result.serial] : []));
  assert.deepEqual(
    moved.sort((a, b) => a - b),
    Array.from({ length: last - 1 }, (_, index) => index + 2),
  );
  for (const serial of store.serials(null)) {
    const generation = store.generation(null, serial);
    assert.equal(generation?.parent, serial === 1 ? null : serial - 1);
    for (const node of generation.nodes) assert.equal(store.checkArtefact(node.artefact), 'good');
  }
}
