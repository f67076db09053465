import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LiveProject } from './live-project.ts';

let project: LiveProject;
beforeEach(() => {
  project = new LiveProject();
  project.write('data/s.csv', 'id,x\n1,a\n2,b\n3,a\n');
  project.write('seeknal/s.yml', 'kind: source\nname: s\nsource: csv\ntable: data/s.csv\n');
});
afterEach(() => project.remove());

const QUERIES = {
  m: 'SELECT id, upper(x) AS x FROM source.s WHERE id > 1',
  n: 'SELECT x, count(*) AS n FROM transform.m GROUP BY x',
  o: 'SELECT max(id) AS id FROM transform.m',
};

/** Simulates an engine whose plans gave other fingerprints: changes all recorded fingerprints and removes the cache. */
function asWrittenByAnotherEngine(): void {
  const path = join(project.root, 'target/store/ledger.jsonl');
  const text = readFileSync(path, 'utf8');
  let other = text;
  for (const fingerprint of fingerprints()) other = other.replaceAll(fingerprint, [...fingerprint].reverse().join(''));
  expect(other).not.toBe(text);
  writeFileSync(path, other);
  rmSync(join(project.root, 'target/cache'), { recursive: true, force: true });
}

function fingerprints(): readonly string[] {
  const state = JSON.parse(readFileSync(join(project.root, 'target/run_state.json'), 'utf8')) as {
    readonly nodes: Readonly<Record<string, { readonly fingerprint: string }>>;
  };
  const transforms = Object.entries(state.nodes).filter(([id]) => id.startsWith('transform.'));
  return transforms.map(([, { fingerprint }]) => fingerprint);
}

it('keeps production, and rebuilds only what a change affects', async () => {
  project.setTransforms(QUERIES);
  await project.run();
  const before = [...project.held(null)].map(([id, { record }]) => [id, record.id]);
  asWrittenByAnotherEngine();
  expect((await project.plan('dev')).nodes.map(({ id, action, verify }) => [id, action, verify])).toEqual(
    before.map(([id]) => [id, 'reuse', false]),
  );
  expect((await project.run()).status).toBe('nothing_to_do');
  expect([...project.held(null)].map(([id, { record }]) => [id, record.id])).toEqual(before);
  project.setTransforms({ ...QUERIES, o: 'SELECT min(id) AS id FROM transform.m' });
  const run = await project.run();
  expect(run.nodes.filter(node => node.status === 'executed').map(node => node.id)).toEqual(['transform.o']);
});

it('recognises stored definitions when a change is made and undone', async () => {
  project.setTransforms(QUERIES);
  await project.run();
  asWrittenByAnotherEngine();
  project.setTransforms({ ...QUERIES, m: 'SELECT id, lower(x) AS x FROM source.s WHERE id > 1' });
  const plan = await project.plan('dev');
  expect(plan.nodes.map(({ id, action }) => [id, action])).toEqual([
    ['source.s', 'reuse'],
    ['transform.m', 'run'],
    ['transform.n', 'run'],
    ['transform.o', 'reuse'],
  ]);
  project.setTransforms(QUERIES);
  expect((await project.plan('dev')).summary.to_execute).toBe(0);
});
