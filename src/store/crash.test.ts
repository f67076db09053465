import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildChild, ended, startChild } from './child-process.fixture.ts';
import { listedArtefacts } from './artefacts/listed-artefacts.ts';
import { inspectHistory } from './doctor/inspect-history.ts';
import { inspectLeftovers, orphans } from './doctor/inspect-leftovers.ts';
import { inspectViews } from './doctor/inspect-views.ts';
import { StorePaths } from './paths.ts';
import type { Problem } from './doctor/problem.ts';
import { SCENARIOS } from './scenarios.fixture.ts';
import { DEV, draft, LOCK, removeTestRoots, storeNode, testRoot } from './store.fixture.ts';
import { openStore } from './store-reader.ts';
import { withWriter } from './with-writer.ts';

let program = '';
let folder = '';
beforeAll(async () => ({ folder, program } = await buildChild()));
afterAll(() => {
  removeTestRoots();
  rmSync(folder, { recursive: true, force: true });
});

/** What an environment holds, as data: equal for equal versions whatever their artefacts are called. */
function seen(root: string): { readonly production: string; readonly dev: string } {
  const store = openStore(root);
  const show = (environment: typeof DEV | null): string =>
    (store.current(environment)?.nodes ?? [])
      .map(node => `${node.id}=${readFileSync(new StorePaths(root).artefact(node.artefact), 'utf8')}`)
      .join(' ');
  return { production: show(null), dev: show(DEV) };
}

/** The views show exactly what the store says. */
function shown(root: string, environment: typeof DEV | null): string {
  const target = join(root, 'target', ...(environment === null ? [] : ['environments', environment]));
  const path = join(target, 'intermediate');
  if (!existsSync(path)) return '';
  return readdirSync(path)
    .sort()
    .map(name => `${name.replace('_', '.').replace('.parquet', '')}=${readFileSync(join(path, name), 'utf8')}`)
    .join(' ');
}

const prepare = async (root: string, scenario: string): Promise<void> => {
  await withWriter(root, LOCK, async writer => {
    const a = await storeNode(writer, { id: 'source.a', data: 'a' });
    const b = await storeNode(writer, { id: 'transform.b', data: 'b' });
    await writer.switchTo(null, draft([a, b]));
  });
  if (scenario === 'run' || scenario === 'apply') return;
  await withWriter(root, LOCK, SCENARIOS.apply);
  if (scenario === 'rollback' || scenario === 'cleanup') await withWriter(root, LOCK, SCENARIOS.run);
};

const OLD = 'source.a=a transform.b=b';
const APPLIED = 'source.a=a transform.b=applied';
const RUN = 'source.a=a transform.b=run';
const EXPECTED = {
  run: { before: { production: OLD, dev: '' }, after: { production: RUN, dev: '' } },
  apply: { before: { production: OLD, dev: '' }, after: { production: OLD, dev: APPLIED } },
  promote: { before: { production: OLD, dev: APPLIED }, after: { production: APPLIED, dev: APPLIED } },
  delete: { before: { production: OLD, dev: APPLIED }, after: { production: OLD, dev: '' } },
  rollback: { before: { production: RUN, dev: APPLIED }, after: { production: OLD, dev: APPLIED } },
  cleanup: { before: { production: RUN, dev: APPLIED }, after: { production: RUN, dev: '' } },
};

describe.concurrent.each(Object.keys(EXPECTED) as (keyof typeof EXPECTED)[])('%s killed before any step', scenario => {
  const { before, after } = EXPECTED[scenario];

  it(
    'shows one version or the other, is mended by the next writer, and converges when repeated',
    { timeout: 300_000 },
    async () => {
      const prepared = testRoot();
      await prepare(prepared, scenario);
      let died = 0;
      for (let step = 1; ; step += 1) {
        const root = testRoot();
        cpSync(prepared, root, { recursive: true, preserveTimestamps: true });
        const outcome = await ended(startChild({ program, root, scenario, step }));
        expect([before, after], `step ${step}`).toContainEqual(seen(root));
        if (outcome === 0) break;
        expect(outcome).toBe('SIGKILL');
        died += 1;
        await mendedByNext(root, step);
        await withWriter(root, LOCK, async writer => void (await SCENARIOS[scenario](writer)));
        expect(seen(root), `step ${step}`).toEqual(after);
        await mendedByNext(root, step);
        if (scenario === 'cleanup') expect(left(root), `step ${step}`).toEqual(left(root, 'source.a', 'transform.b'));
        rmSync(root, { recursive: true, force: true });
      }
      expect(died).toBeGreaterThan(10);
    },
  );
});

/** What the store holds, or what it holds when only production's generation is left, with these nodes. */
function left(root: string, ...nodes: readonly string[]): unknown {
  const store = openStore(root);
  const current = store.current(null)?.nodes.filter(node => nodes.includes(node.id)) ?? [];
  if (nodes.length > 0) return { serials: [2], files: current.map(node => node.artefact).sort(), recorded: [...nodes] };
  const records = store.ledgerRecords();
  return {
    serials: store.serials(null),
    files: listedArtefacts(new StorePaths(root)),
    recorded: records.flatMap(record => (record.t === 'artefact' ? [record.node] : [])).sort(),
  };
}

/** All that is wrong, but for outputs that nobody came to record: those go with the next collection. */
function problemsOf(root: string): readonly Problem[] {
  const [store, paths] = [openStore(root), new StorePaths(root)];
  const { problems, artefacts } = inspectHistory(store, paths);
  const unrecorded = orphans(store, paths, new Set(artefacts.map(artefact => artefact.id)));
  const known = new Set([...unrecorded, ...artefacts.map(artefact => artefact.id)]);
  return [...problems, ...inspectViews(store, paths), ...inspectLeftovers(store, paths, known)];
}

async function mendedByNext(root: string, step: number): Promise<void> {
  const before = seen(root);
  await withWriter(root, LOCK, async () => {});
  const store = openStore(root);
  expect(seen(root), `step ${step}`).toEqual(before);
  expect(problemsOf(root), `step ${step}`).toEqual([]);
  expect(shown(root, null), `step ${step}`).toBe(before.production);
  expect(readdirSync(join(root, 'target/store/tmp')), `step ${step}`).toEqual([]);
  expect(existsSync(join(root, 'target/store/lock')), `step ${step}`).toBe(false);
  const config = store.environmentConfig(DEV);
  if (store.head(DEV) === null) return;
  const follows = store.followsProduction(DEV);
  expect([config?.status, follows], `step ${step}`).toEqual(follows ? ['promoted', true] : ['applied', false]);
  expect(shown(root, DEV), `step ${step}`).toBe(follows ? '' : 'transform.b=applied');
  expect(lstatSync(new StorePaths(root).artefact(store.current(null)?.nodes[0]?.artefact ?? '')).isFile()).toBe(true);
}
