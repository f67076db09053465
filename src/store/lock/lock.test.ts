import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildChild, ended, startChild } from '../child-process.fixture.ts';
import { observedDisk, realDisk } from '../disk.ts';
import type { DiskOperation } from '../../core/disk.ts';
import { isLocked } from './lock.ts';
import { describeOwner, isDead, type LockOwner, whereabouts } from './lock-owner.ts';
import { StorePaths } from '../paths.ts';
import { draft, LOCK, removeTestRoots, storeNode, testRoot } from '../store.fixture.ts';
import { openStore } from '../store-reader.ts';
import { withWriter } from '../with-writer.ts';

let program = '';
let folder = '';
beforeAll(async () => ({ folder, program } = await buildChild()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(removeTestRoots);

/** A lock as another process would leave it. */
function plantLock(root: string, owner: Partial<LockOwner>, heartbeat = new Date()): string {
  const lock = join(root, 'target/store/lock');
  const file = join(lock, 'other.json');
  mkdirSync(lock, { recursive: true });
  writeFileSync(file, JSON.stringify({ ...describeOwner('other', 'run'), ...owner }));
  utimesSync(file, heartbeat, heartbeat);
  return file;
}

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
const tryNow = (root: string): Promise<string> =>
  withWriter(root, { command: 'env apply dev', timeoutSeconds: 0.05 }, async () => 'mine');

describe('the lock', () => {
  it('names its owner when waiting times out, blocks no reader, and ends with a killed owner', async () => {
    const root = testRoot();
    const holder = startChild({ program, root, scenario: 'hold' });
    await new Promise(resolve => holder.stdout?.once('data', resolve));
    await expect(tryNow(root)).rejects.toMatchObject({
      code: 'lock-held',
      exitCode: 75,
      message: expect.stringMatching(
        new RegExp(`^lock held by 'hold' \\(pid ${holder.pid} on .+, since 20.+\\); waited`),
      ),
    });
    expect(openStore(root).current(null)).toBe(null);
    holder.kill('SIGKILL');
    await ended(holder);
    expect(await tryNow(root)).toBe('mine');
    expect(readdirSync(join(root, 'target/store')).includes('lock')).toBe(false);
  });

  it(
    'admits many writers one at a time, loses none, and readers see complete versions',
    { timeout: 60_000 },
    async () => {
      const root = testRoot();
      const children = Array.from({ length: 6 }, () => startChild({ program, root, scenario: 'append' }));
      const state = { running: true };
      const codes = Promise.all(children.map(ended)).finally(() => (state.running = false));
      while (state.running) {
        const store = openStore(root);
        const seen = store.current(null);
        expect(seen?.nodes.length ?? 0).toBe(seen?.serial ?? 0);
        expect(seen?.nodes.map(node => store.checkArtefact(node.artefact)) ?? []).not.toContain('missing');
        await new Promise(resolve => setTimeout(resolve, 5));
      }
      expect(await codes).toEqual(children.map(() => 0));
      const current = openStore(root).current(null);
      expect([current?.serial, current?.nodes.map(node => node.id).sort()]).toEqual([
        6,
        children.map(child => `transform.p${child.pid}`).sort(),
      ]);
      expect(existsSync(join(root, 'target/store/lock'))).toBe(false);
    },
  );

  it('stops waiting when interrupted', async () => {
    const root = testRoot();
    plantLock(root, {});
    const signal = AbortSignal.timeout(30);
    await expect(withWriter(root, { ...LOCK, signal }, async () => {})).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
    });
  });

  it('is released when the work fails', async () => {
    const root = testRoot();
    await expect(withWriter(root, LOCK, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await tryNow(root)).toBe('mine');
  });

  it('that this process failed to release counts as free', async () => {
    const root = testRoot();
    const before = (operation: DiskOperation, path: string): void => {
      if (operation === 'unlink' && path.includes('/store/lock/')) throw new Error('EIO');
    };
    const disk = observedDisk(realDisk, { before });
    expect(await withWriter(root, { ...LOCK, disk }, async () => 'done')).toBe('done');
    expect(readdirSync(join(root, 'target/store/lock'))).toHaveLength(1);
    expect(isLocked(new StorePaths(root))).toBe(false);
    expect(await tryNow(root)).toBe('mine');
    expect(existsSync(join(root, 'target/store/lock'))).toBe(false);
  });

  it('reports the owner once, as soon as waiting starts', async () => {
    const root = testRoot();
    const told: (string | null)[] = [];
    const waiting = (owner: LockOwner | null): void => void told.push(owner?.command ?? null);
    expect(await withWriter(root, { ...LOCK, waiting }, async () => 'mine')).toBe('mine');
    expect(told).toEqual([]);
    const file = plantLock(root, { command: 'env apply dev' });
    const waits = withWriter(root, { command: 'run', timeoutSeconds: 20, waiting }, async () => 'mine');
    expect(told).toEqual(['env apply dev']);
    await new Promise(resolve => setTimeout(resolve, 100));
    rmSync(file);
    expect(await waits).toBe('mine');
    expect(told).toEqual(['env apply dev']);
  });

  it.each([
    ['a pid that does not exist', { pid: 2 ** 22 + 1 }],
    ['a reused pid', { started: '1' }],
    ['an earlier boot', { boot: 'earlier' }],
  ])('is taken over from %s', async (_, owner) => {
    const root = testRoot();
    plantLock(root, owner);
    expect(await tryNow(root)).toBe('mine');
  });

  it.each([
    ['another machine', { host: 'elsewhere', boot: 'other' }],
    ['another container', { pidNamespace: 'pid:[1]', pid: 2 ** 22 + 1 }],
  ])('of %s is taken over only when its heartbeat stopped', async (_, owner) => {
    const root = testRoot();
    const file = plantLock(root, owner);
    await expect(tryNow(root)).rejects.toMatchObject({ code: 'lock-held' });
    utimesSync(file, minutesAgo(2), minutesAgo(2));
    expect(await tryNow(root)).toBe('mine');
  });

  it('that cannot be read is taken over only if it is old', async () => {
    const root = testRoot();
    const file = plantLock(root, {});
    writeFileSync(file, '');
    await expect(tryNow(root)).rejects.toMatchObject({ code: 'lock-held' });
    utimesSync(file, minutesAgo(2), minutesAgo(2));
    expect(await tryNow(root)).toBe('mine');
  });

  it('is taken if a dead owner left an empty folder', async () => {
    const root = testRoot();
    mkdirSync(join(root, 'target/store/lock'), { recursive: true });
    expect(await tryNow(root)).toBe('mine');
  });

  it('is checked again before a switch: an owner that lost it changes nothing', async () => {
    const root = testRoot();
    const stopped = withWriter(root, LOCK, async writer => {
      const entry = await storeNode(writer, { id: 'source.a', data: 'a' });
      await writer.recordAttempt({ at: 'x', status: 'done', failed: [] });
      const lock = join(root, 'target/store/lock');
      for (const name of readdirSync(lock)) rmSync(join(lock, name));
      plantLock(root, {});
      await writer.switchTo(null, draft([entry]));
    });
    await expect(stopped).rejects.toMatchObject({ code: 'lock-lost', exitCode: 75 });
    expect([openStore(root).head(null), readdirSync(join(root, 'target/store/lock'))]).toEqual([null, ['other.json']]);
    expect(JSON.parse(readFileSync(join(root, 'target/store/lock/other.json'), 'utf8'))).toMatchObject({
      token: 'other',
    });
  });
});

describe('isDead', () => {
  it('treats an owner as alive if in doubt', () => {
    const here = whereabouts();
    const owner = describeOwner('t', 'run');
    expect(isDead(owner, here, 10 ** 9)).toBe(false);
    expect(isDead({ ...owner, boot: null, started: null }, { ...here, boot: null }, 10 ** 9)).toBe(false);
    expect(isDead({ ...owner, host: 'elsewhere' }, here, -1_000_000)).toBe(false);
    expect(isDead(null, here, 1000)).toBe(false);
  });
});
