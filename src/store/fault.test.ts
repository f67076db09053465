import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ToolError } from '../diagnostics/tool-error.ts';
import { DiskError, observedDisk, realDisk } from './disk.ts';
import type { Disk, DiskOperation } from '../core/disk.ts';
import { SCENARIOS } from './scenarios.fixture.ts';
import { type DEV, draft, LOCK, removeTestRoots, storeNode, testRoot } from './store.fixture.ts';
import { StorePaths } from './paths.ts';
import { openStore } from './store-reader.ts';
import { withWriter } from './with-writer.ts';

afterEach(removeTestRoots);

/** Refuses the nth step on the disk, once. */
function failingDisk(step: number, errno: string): { readonly disk: Disk; failed(): boolean } {
  let steps = 0;
  const before = (operation: DiskOperation, path: string): void => {
    steps += 1;
    if (steps === step) throw new DiskError(operation, path, Object.assign(new Error(errno), { code: errno }));
  };
  return { disk: observedDisk(realDisk, { before }), failed: () => steps >= step };
}

const shown = (root: string, environment: typeof DEV | null): readonly string[] => {
  const store = openStore(root);
  return (store.current(environment)?.nodes ?? []).map(node =>
    readFileSync(new StorePaths(root).artefact(node.artefact), 'utf8'),
  );
};

async function prepared(scenario: string): Promise<string> {
  const root = testRoot();
  await withWriter(root, LOCK, async writer => {
    const a = await storeNode(writer, { id: 'source.a', data: 'a' });
    const b = await storeNode(writer, { id: 'transform.b', data: 'b' });
    await writer.switchTo(null, draft([a, b]));
  });
  await withWriter(root, LOCK, SCENARIOS.apply);
  if (scenario === 'rollback' || scenario === 'cleanup') await withWriter(root, LOCK, SCENARIOS.run);
  return root;
}

const CASES = [
  ['run', 'ENOSPC'],
  ['run', 'EACCES'],
  ['run', 'EIO'],
  ['promote', 'EIO'],
  ['delete', 'EIO'],
  ['rollback', 'ENOSPC'],
  ['cleanup', 'EIO'],
  ['cleanup', 'ENOSPC'],
] as const;

describe('a step on the disk that fails', () => {
  it.each(CASES)(
    'leaves one version of %s with %s, and repeating converges',
    { timeout: 300_000 },
    async (scenario, errno) => {
      const start = await prepared(scenario);
      const old = shown(start, null);
      const changes = { run: ['a', 'run'], promote: ['a', 'applied'], delete: old, rollback: ['a', 'b'], cleanup: old };
      const changed = changes[scenario];
      for (let step = 1; ; step += 1) {
        const root = testRoot();
        cpSync(start, root, { recursive: true, preserveTimestamps: true });
        const { disk, failed } = failingDisk(step, errno);
        const work = async (writer: Parameters<(typeof SCENARIOS)['run']>[0]) =>
          void (await SCENARIOS[scenario](writer));
        const error: unknown = await withWriter(root, { ...LOCK, disk }, work).then(
          () => null,
          (reason: unknown) => reason,
        );
        expect([old, changed], `step ${step}`).toContainEqual(shown(root, null));
        if (error !== null)
          expect(error instanceof ToolError && error.code, `step ${step}`).toMatch(/^(disk|views-behind)$/);
        await withWriter(root, LOCK, work);
        expect(shown(root, null), `step ${step}`).toEqual(changed);
        expect(readdirSync(join(root, 'target/store/tmp')), `step ${step}`).toEqual([]);
        if (!failed()) break;
      }
    },
  );
});
