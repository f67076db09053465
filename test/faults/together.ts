import assert from 'node:assert/strict';
import { buildFixture, runChild } from './child-command.ts';
import { assertTidy } from './convergence.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { filesShown, shownTables } from './observe.ts';
import { succeed } from './run-command.ts';
import { temporaryRoot, write, writeTransform } from './scenarios.ts';

export interface Told {
  readonly words: readonly string[];
  readonly code: number;
  readonly result: { readonly status?: string; readonly serial?: number | null; readonly environment?: string | null };
  readonly stderr: string;
}

/** What one of several may be told instead of being served. */
const REFUSALS =
  /stale|conflict|lock held|moved on|has not been applied|nothing to promote|no earlier generation|would undo/i;

export interface Crowd {
  readonly processes: number;
  /** How many commands each process runs. */
  readonly commands: number;
  /** After so long each process stops early. */
  readonly seconds: number;
}

/** Lets processes plan, apply, promote, roll back and read one project at once; gives what each was told. */
export async function workTogether({ processes, commands, seconds }: Crowd): Promise<readonly Told[]> {
  const root = await sharedProject();
  const { program, remove } = await buildFixture('worker.fixture.ts');
  const children = Array.from({ length: processes }, () =>
    runChild(program, [root, String(commands), String(seconds)]),
  );
  const ended = await Promise.all(children);
  remove();
  for (const { end, stderr } of ended) assert.equal(end, 0, stderr);
  const told = ended.flatMap(({ stdout }) =>
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Told),
  );
  told.forEach(assertServedOrRefused);
  assertSerialHistory(root, told);
  assert.deepEqual(await filesShown(root), await shownTables(root));
  await assertAllServed(root);
  return told;
}

/** Once it is alone, a command of each kind does its work. */
async function assertAllServed(root: string): Promise<void> {
  writeTransform(root, 'b', "SELECT id, 9 AS k FROM ref('source.a')");
  await succeed(root, 'env', 'plan', 'one');
  await succeed(root, 'env', 'apply', 'one');
  await succeed(root, 'env', 'promote', 'one', '--yes', '--allow-revert');
  assert.match((await shownTables(root))['transform_c'] ?? '', /9/);
  await succeed(root, 'env', 'rollback', '--yes');
  await succeed(root, 'run', '--allow-revert');
  assertTidy(root);
}

/** `c` shows what `b` was when it was built; `d` stands for itself. */
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

function assertServedOrRefused({ words, code, result, stderr }: Told): void {
  if (words[0] === 'repl') return assert.deepEqual([code, result], [0, [{ same: true }]], stderr);
  assert.ok(code === 0 || REFUSALS.test(stderr), `seeknal ${words.join(' ')} exited ${code}: ${stderr}`);
}

/** Every switch of production that somebody was told of is in its history once, each upon the one before, and whole. */
function assertSerialHistory(root: string, told: readonly Told[]): void {
  const store = openStore(root);
  const last = store.head(null) ?? 0;
  const moved = told
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
