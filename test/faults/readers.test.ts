import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { StorePaths } from '../../src/store/paths.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { buildFixture, runChild } from './child-command.ts';
import { succeed } from './run-command.ts';
import { removeRoots, temporaryRoot, write, writeTransform } from './scenarios.ts';

afterAll(removeRoots);

const PROMOTIONS = 80;

async function project(): Promise<string> {
  const root = temporaryRoot();
  write(root, 'seeknal_project.yml', 'name: readers\nsettings: { threads: 1 }\n');
  write(root, 'data/a.csv', 'id\n1\n2\n');
  write(root, 'seeknal/a.yml', 'kind: source\nname: a\nsource: csv\ntable: data/a.csv\n');
  writeTransform(root, 'c', "SELECT k FROM ref('transform.b')");
  setVersion(root, 0);
  await succeed(root, 'run');
  return root;
}

const setVersion = (root: string, k: number): void =>
  writeTransform(root, 'b', `SELECT id, ${k} AS k FROM ref('source.a')`);

/** Promotes four versions in turn until the reader has seen several of them. Returns the number of promotions. */
async function promoteOver(root: string): Promise<number> {
  for (let turn = 1; ; turn += 1) {
    if (turn > PROMOTIONS && existsSync(join(root, 'seen-enough'))) return turn - 1;
    setVersion(root, turn % 4);
    await succeed(root, 'env', 'plan', 'dev');
    await succeed(root, 'env', 'apply', 'dev');
    await succeed(root, 'env', 'promote', 'dev', '--yes', '--allow-revert');
  }
}

/** Names and hashes of all files that production ever showed. */
function everShown(root: string): ReadonlySet<string> {
  const store = openStore(root);
  const shown = new Set<string>();
  for (const serial of store.serials(null)) {
    for (const { id, artefact } of store.generation(null, serial)?.nodes ?? []) {
      const hash = createHash('sha256').update(readFileSync(new StorePaths(root).artefact(artefact)));
      shown.add(`${id.replace('.', '_')}.parquet ${hash.digest('hex')}`);
    }
  }
  return shown;
}

it(
  'a reader during many promotions never sees two versions at once or an incomplete file',
  { timeout: 900_000 },
  async () => {
    const root = await project();
    const { program, remove } = await buildFixture('reader.fixture.ts');
    const reading = runChild(program, [root]);
    const promotions = await promoteOver(root).finally(() => writeFileSync(join(root, 'stop'), ''));
    const { end, stdout, stderr } = await reading;
    remove();
    expect(end, stderr).toBe(0);
    const seen = JSON.parse(stdout) as { pairs: string[]; files: string[] };
    const versions = [0, 1, 2, 3].map(k => JSON.stringify({ b: k, c: k }));
    expect(openStore(root).head(null)).toBe(promotions + 1);
    expect(seen.pairs.filter(pair => !versions.includes(pair))).toEqual([]);
    const shown = everShown(root);
    expect(seen.files.filter(file => !shown.has(file))).toEqual([]);
  },
);
