import type { NodeId } from '../core/definition/nodes/node.ts';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseEnvironmentName } from '../core/environment/environment-name.ts';
import { Cache } from './cache.ts';
import { DiskError, observedDisk, realDisk } from './disk.ts';
import { noteUse } from './generations/last-used.ts';
import { StorePaths } from './paths.ts';
import { newSpillFolder } from './spill-folder.ts';
import { AT, DEV, draft, LOCK, removeTestRoots, storeNode, testRoot } from './store.fixture.ts';
import { openStore } from './store-reader.ts';
import { viewPath } from './views/view-name.ts';
import { withWriter } from './with-writer.ts';

afterEach(removeTestRoots);

const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));
const views = (root: string, ...folder: string[]): Record<string, string> => {
  const path = join(root, 'target', ...folder, 'intermediate');
  return Object.fromEntries(
    readdirSync(path)
      .sort()
      .map(name => [name, readFileSync(join(path, name), 'utf8')]),
  );
};

/** Production of `source.a` and `transform.b`. */
const produce = (root: string) =>
  withWriter(root, LOCK, async writer => {
    const a = await storeNode(writer, { id: 'source.a', data: 'rows of a' });
    const b = await storeNode(writer, { id: 'transform.b', data: 'rows of b', inputs: ['source.a'] });
    await writer.switchTo(null, draft([a, b]));
    return [a, b] as const;
  });

describe('openStore', () => {
  it('reads an empty project as empty and creates nothing', () => {
    const root = testRoot();
    const store = openStore(root);
    expect([
      store.lineage,
      store.head(null),
      store.current(null),
      store.artefact('x'),
      store.artefactsNamed('f'),
    ]).toEqual([null, null, null, null, []]);
    expect([store.definition('h'), store.equalKnown('a', 'b', null, false), store.checkArtefact('x')]).toEqual([
      null,
      null,
      'missing',
    ]);
    expect([
      store.listEnvironments(),
      store.environmentNames(),
      store.planText(DEV),
      new Cache(root).read('a.json'),
    ]).toEqual([[], [], null, null]);
    noteUse(root, { environment: DEV, at: new Date() });
    expect(existsSync(join(root, 'target'))).toBe(false);
  });

  it('keeps its view of an environment while others switch it, and finds everything that it refers to', async () => {
    const root = testRoot();
    const [a] = await produce(root);
    const early = openStore(root);
    const unread = openStore(root);
    expect(early.head(null)).toBe(1);
    expect(unread.artefact(a.artefact)?.node).toBe('source.a');
    const next = await withWriter(root, LOCK, async writer => {
      const entry = await storeNode(writer, { id: 'source.a', data: 'newer' });
      await writer.switchTo(null, draft([entry]));
      return entry;
    });
    expect(early.current(null)?.serial).toBe(1);
    expect(unread.current(null)?.nodes).toEqual([next]);
    expect(unread.artefact(next.artefact)?.rows).toBe(5);
    expect(unread.definition(next.definition)?.document['name']).toBe('a');
  });

  it('refuses a store of a newer format and does not change it', async () => {
    const root = testRoot();
    await produce(root);
    const file = join(root, 'target/store/store.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"version":1', '"version":2'));
    expect(() => openStore(root).lineage).toThrow(expect.objectContaining({ code: 'format-too-new' }));
    await expect(withWriter(root, LOCK, async () => {})).rejects.toMatchObject({ code: 'format-too-new' });
  });
});

describe('switchTo', () => {
  it('makes a generation current and shows it', async () => {
    const root = testRoot();
    const [a, b] = await produce(root);
    const store = openStore(root);
    expect(store.current(null)).toEqual({ environment: null, serial: 1, parent: null, ...draft([a, b]) });
    expect(views(root)).toEqual({ 'source_a.parquet': 'rows of a', 'transform_b.parquet': 'rows of b' });
    expect(json(root, 'target/manifest.json')).toEqual({
      format: 'seeknal.manifest',
      version: 1,
      serial: 1,
      nodes: {
        'source.a': manifestNode('source', 'a', []),
        'transform.b': manifestNode('transform', 'b', ['source.a']),
      },
      edges: [{ from: 'source.a', to: 'transform.b' }],
    });
    expect(json(root, 'target/run_state.json')).toEqual({
      format: 'seeknal.run-state',
      version: 1,
      serial: 1,
      last_run: AT,
      last_attempt: null,
      nodes: Object.fromEntries(
        [a, b].map(node => [
          node.id,
          { status: 'executed', rows: 9, seconds: 0.5, fingerprint: node.fingerprint, artefact: node.artefact, at: AT },
        ]),
      ),
    });
    const artefact = new StorePaths(root).artefact(a.artefact);
    expect([statSync(artefact).mode & 0o777, statSync(artefact).nlink, store.checkArtefact(a.artefact)]).toEqual([
      0o444,
      2,
      'good',
    ]);
    expect(readdirSync(join(root, 'target/store')).sort()).toEqual([
      'artefacts',
      'generations',
      'heads',
      'ledger.jsonl',
      'store.json',
      'tmp',
    ]);
    expect(readdirSync(join(root, 'target/store/tmp'))).toEqual([]);
  });

  it('changes only the views that differ, and removes those of removed nodes', async () => {
    const root = testRoot();
    const [a] = await produce(root);
    const before = lstatSync(join(root, 'target/intermediate/source_a.parquet')).ino;
    const steps: string[] = [];
    const disk = observedDisk(realDisk, {
      before: (operation, path) => void steps.push(`${operation} ${path.split('/intermediate/')[1] ?? ''}`),
    });
    await withWriter(root, { ...LOCK, disk }, async writer => {
      const c = await storeNode(writer, { id: 'transform.c', data: 'c' });
      steps.length = 0;
      await writer.switchTo(null, draft([a, c]));
    });
    expect(views(root)).toEqual({ 'source_a.parquet': 'rows of a', 'transform_c.parquet': 'c' });
    expect(lstatSync(join(root, 'target/intermediate/source_a.parquet')).ino).toBe(before);
    expect(steps.filter(step => /^(link|unlink) /.test(step))).toEqual([
      'link ',
      'unlink transform_b.parquet',
      'unlink ',
    ]);
  });

  it('syncs an artefact before it moves it, and its folder before anything refers to it', async () => {
    const root = testRoot();
    const steps: string[] = [];
    const place = (path: string): string =>
      path.slice(join(root, 'target/store/').length).replace(/[a-z2-7]{16}/g, '*');
    const disk = observedDisk(realDisk, {
      before: (operation, path) => operation !== 'sync' && void steps.push(`${operation} ${place(path)}`),
      after: (operation, path) => operation === 'sync' && void steps.push(`saved ${place(path)}`),
    });
    await withWriter(root, { ...LOCK, disk }, async writer => {
      steps.length = 0;
      const entry = await storeNode(writer, { id: 'source.a', data: 'a' });
      await writer.switchTo(null, draft([entry]));
    });
    const [adopted, switched] = [steps.indexOf('rename tmp/*.parquet'), steps.indexOf('saved heads')];
    expect(steps.slice(0, adopted)).toContain('saved tmp/*.parquet');
    expect(steps.slice(adopted, switched)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^saved artefacts\/.$/), 'saved artefacts', 'saved ledger.jsonl']),
    );
    expect(steps.slice(0, adopted)).not.toContain('append ledger.jsonl');
  });

  it('copies once if links are impossible', async () => {
    const root = testRoot();
    let copies = 0;
    const disk = observedDisk(realDisk, {
      before(operation, path) {
        if (operation === 'link') throw new DiskError('link', path, Object.assign(new Error(), { code: 'EXDEV' }));
        if (operation === 'copy') copies += 1;
      },
    });
    const node = await withWriter(root, { ...LOCK, disk }, async writer => {
      const entry = await storeNode(writer, { id: 'source.a', data: 'copied' });
      await writer.switchTo(null, draft([entry]));
      await writer.switchTo(null, draft([entry]));
      return entry;
    });
    expect([views(root), copies]).toEqual([{ 'source_a.parquet': 'copied' }, 1]);
    expect(statSync(new StorePaths(root).artefact(node.artefact)).nlink).toBe(1);
  });

  it('refuses a generation that refers to a missing artefact', async () => {
    const root = testRoot();
    const [a, b] = await produce(root);
    realDisk.unlink(new StorePaths(root).artefact(a.artefact));
    await expect(withWriter(root, LOCK, writer => writer.switchTo(null, draft([a, b])))).rejects.toMatchObject({
      code: 'artefact-missing',
    });
    expect(openStore(root).head(null)).toBe(1);
  });

  it('shows only the own outputs of an environment, and does not change production', async () => {
    const root = testRoot();
    const [a] = await produce(root);
    const before = readFileSync(join(root, 'target/manifest.json'), 'utf8');
    const { lineage } = openStore(root);
    const base = { lineage: lineage ?? '', serial: 1 };
    const own = await withWriter(root, LOCK, async writer => {
      const entry = await storeNode(writer, { id: 'transform.b', data: 'changed' });
      await writer.writePlan(DEV, '{"fingerprint":"p"}', null);
      await writer.switchTo(DEV, draft([a, entry], { cause: 'apply', base, plan: 'p' }));
      return entry;
    });
    expect(views(root, 'environments', 'dev')).toEqual({ 'transform_b.parquet': 'changed' });
    expect(json(root, 'target/environments/dev/refs.json')).toEqual({
      format: 'seeknal.refs',
      version: 1,
      serial: 1,
      nodes: { 'source.a': { artefact: a.artefact, own: false }, 'transform.b': { artefact: own.artefact, own: true } },
    });
    expect(readFileSync(join(root, 'target/manifest.json'), 'utf8')).toBe(before);
    expect(openStore(root).environmentConfig(DEV)?.status).toBe('applied');
    expect(viewPath(DEV, own.id)).toBe('target/environments/dev/intermediate/transform_b.parquet');
    await withWriter(root, LOCK, writer => writer.switchTo(DEV, draft([a], { cause: 'rollback', base, plan: 'q' })));
    expect(openStore(root).environmentConfig(DEV)?.status).toBe('planned');
  });
});

const manifestNode = (kind: string, name: string, inputs: readonly string[]) => ({
  kind,
  name,
  description: null,
  owner: 'ana',
  tags: [],
  inputs,
  file: `seeknal/${kind}.${name}.yml`,
  columns: [{ name: 'id', type: 'INTEGER' }],
  definition: { kind, name, inputs: inputs.map(ref => ({ ref })), owner: 'ana' },
});

describe('the ledger', () => {
  it('remembers names, comparisons and attempts, the latest name first', async () => {
    const root = testRoot();
    const ids = await withWriter(root, LOCK, async writer => {
      const first = await storeNode(writer, { id: 'source.a', data: 'x' });
      const second = await storeNode(writer, { id: 'source.a', data: 'x' });
      writer.name('fingerprint-x', first.artefact);
      writer.recordEqual(first.artefact, second.artefact, ['b', 'a'], false, true);
      writer.recordEqual(first.artefact, second.artefact, null, true, false);
      await writer.recordAttempt({ at: AT, status: 'failed', failed: ['transform.b'] });
      return [first.artefact, second.artefact] as const;
    });
    const store = openStore(root);
    expect(store.artefactsNamed('fingerprint-x')).toEqual([ids[1], ids[0]]);
    expect(store.equalKnown(ids[1], ids[0], ['a', 'b'], false)).toBe(true);
    expect(store.equalKnown(ids[0], ids[1], null, true)).toBe(false);
    expect(store.equalKnown(ids[0], ids[1], ['a'], false)).toBe(null);
    expect(store.equalKnown(ids[0], ids[0], ['a'], false)).toBe(true);
    expect(json(root, 'target/run_state.json')).toMatchObject({
      serial: null,
      last_attempt: { at: AT, status: 'failed', failed: ['transform.b'] },
      nodes: {},
    });
  });

  it('remembers what each environment wrote outside the store last, also after a cleanup', async () => {
    const root = testRoot();
    const table = { endpoint: 'postgresql://a:5432/shop', name: 'x.b', id: '7' };
    const target = {
      node: 'transform.b' as NodeId,
      type: 'postgresql' as const,
      connection: 'pg',
      defined: 'x.b',
      table,
      rows: 2,
      at: AT,
    };
    const dev = parseEnvironmentName('dev');
    await withWriter(root, LOCK, async writer => {
      await writer.recordTarget({ ...target, environment: null, artefact: 'first' });
      await writer.recordTarget({ ...target, environment: dev, artefact: 'second' });
      await writer.recordTarget({ ...target, environment: null, artefact: 'third' });
    });
    const artefactsOf = (environment: typeof dev | null) =>
      openStore(root)
        .targetRecords(environment)
        .map(({ artefact }) => artefact);
    expect([artefactsOf(null), artefactsOf(dev)]).toEqual([['third'], ['second']]);
    const retention = { generations: 20, days: 30 };
    await withWriter(root, LOCK, writer => writer.collect({ now: new Date(AT), retention, expired: [] }));
    expect([artefactsOf(null), artefactsOf(dev)]).toEqual([['third'], ['second']]);
  });

  it('ignores an incomplete last line, and the next writer truncates it', async () => {
    const root = testRoot();
    const [a] = await produce(root);
    const file = join(root, 'target/store/ledger.jsonl');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, `${whole}{"t":"name","finger`);
    expect(openStore(root).artefact(a.artefact)?.id).toBe(a.artefact);
    await withWriter(root, LOCK, async () => {});
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });

  it('reports a damaged line in the middle', async () => {
    const root = testRoot();
    const [a] = await produce(root);
    const file = join(root, 'target/store/ledger.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"t":"name"', '"t":nam'));
    expect(() => openStore(root).artefact(a.artefact)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  it('leaves no partial line when the disk is full, and keeps the earlier lines', async () => {
    const root = testRoot();
    await produce(root);
    const before = readFileSync(join(root, 'target/store/ledger.jsonl'), 'utf8');
    const disk = {
      ...realDisk,
      append: (path: string, text: string) => {
        realDisk.append(path, text.slice(0, 10));
        throw new DiskError('append', path, Object.assign(new Error(), { code: 'ENOSPC' }));
      },
    };
    const failed = withWriter(root, { ...LOCK, disk }, async writer => {
      const entry = await storeNode(writer, { id: 'source.a', data: 'new' });
      await writer.switchTo(null, draft([entry]));
    });
    await expect(failed).rejects.toMatchObject({ code: 'disk', errno: 'ENOSPC' });
    expect(readFileSync(join(root, 'target/store/ledger.jsonl'), 'utf8')).toBe(before);
    expect(openStore(root).head(null)).toBe(1);
  });

  it('keeps what succeeded when the work fails', async () => {
    const root = testRoot();
    const failed = withWriter(root, LOCK, async writer => {
      await storeNode(writer, { id: 'source.a', data: 'kept' });
      throw new Error('a node failed');
    });
    await expect(failed).rejects.toThrow('a node failed');
    expect(openStore(root).artefactsNamed('fingerprint-kept')).toHaveLength(1);
  });
});

describe('artefacts', () => {
  it('are checked more closely if size or time differ, as in a copy', async () => {
    const root = testRoot();
    const [a, b] = await produce(root);
    const copy = testRoot();
    cpSync(root, copy, { recursive: true });
    const store = openStore(copy);
    expect([store.checkArtefact(a.artefact), store.current(null)?.nodes.length]).toEqual(['look-closer', 2]);
    realDisk.unlink(new StorePaths(copy).artefact(b.artefact));
    expect(store.checkArtefact(b.artefact)).toBe('missing');
  });

  it('come only from temporary files of the store', async () => {
    const root = testRoot();
    writeFileSync(join(root, 'mine.parquet'), 'mine');
    await withWriter(root, LOCK, async writer => {
      expect(() => writer.discardTemporary(join(root, 'mine.parquet'))).toThrow('not a temporary path of the store');
      const linked = writer.temporaryPath('.parquet');
      symlinkSync(join(root, 'mine.parquet'), linked);
      await expect(writer.adoptArtefact(linked, {} as never)).rejects.toThrow('not a regular file');
      writer.discardTemporary(linked);
    });
    expect(readFileSync(join(root, 'mine.parquet'), 'utf8')).toBe('mine');
  });
});

describe('environments', () => {
  const config = { name: 'dev', created_at: AT, last_used_at: AT, ttl_ms: 1000, status: 'planned' } as const;

  it('are listed with their last use, unreadable ones too', async () => {
    const root = testRoot();
    await withWriter(root, LOCK, async writer => {
      await writer.writePlan(DEV, 'plan', 'manifest');
      await writer.writeEnvironmentConfig(DEV, config);
      await writer.writePlan(parseEnvironmentName('other'), 'plan', null);
    });
    writeFileSync(join(root, 'target/environments/other/env_config.json'), '{');
    mkdirSync(join(root, 'target/environments/Not a name'));
    const store = openStore(root);
    expect([store.planText(DEV), store.planManifestText(DEV), store.environmentConfig(DEV)]).toEqual([
      'plan',
      'manifest',
      config,
    ]);
    expect(store.listEnvironments()).toEqual([
      { name: 'dev', config, lastUsedAt: AT },
      { name: 'other', config: null, lastUsedAt: null },
    ]);
    noteUse(root, { environment: DEV, at: new Date('2026-03-05T00:00:00.000Z') });
    expect(openStore(root).listEnvironments()[0]?.lastUsedAt).toBe('2026-03-05T00:00:00.000Z');
    noteUse(root, { environment: DEV, at: new Date('2026-02-05T00:00:00.000Z') });
    expect(openStore(root).listEnvironments()[0]?.lastUsedAt).toBe(AT);
    expect(() => store.assertNameFree(DEV)).not.toThrow();
  });

  it('follow production after a promotion until the next apply', async () => {
    const root = testRoot();
    const [a, b] = await produce(root);
    await withWriter(root, LOCK, async writer => {
      await writer.switchTo(DEV, draft([a, b], { cause: 'apply', plan: 'p' }));
      await writer.followProduction(DEV, new Date(AT));
    });
    const store = openStore(root);
    expect([store.environmentConfig(DEV)?.status, store.followsProduction(DEV), store.head(DEV)]).toEqual([
      'promoted',
      true,
      1,
    ]);
    expect(store.current(DEV)).toEqual(store.current(null));
    expect(existsSync(join(root, 'target/environments/dev/intermediate'))).toBe(false);
    const serial = await withWriter(root, LOCK, writer => writer.switchTo(DEV, draft([a], { cause: 'apply' })));
    expect([serial, openStore(root).current(DEV)?.parent, openStore(root).followsProduction(DEV)]).toEqual([
      2,
      1,
      false,
    ]);
  });

  it('are deleted with their history, and no link is followed', async () => {
    const root = testRoot();
    const [a, b] = await produce(root);
    const outside = testRoot();
    writeFileSync(join(outside, 'precious'), 'precious');
    await withWriter(root, LOCK, async writer => {
      await writer.switchTo(DEV, draft([a, b], { cause: 'apply' }));
      symlinkSync(outside, join(root, 'target/environments/dev/link'));
      symlinkSync(outside, join(root, 'target/environments/linked'));
      await writer.deleteEnvironment(DEV);
      const linked = parseEnvironmentName('linked');
      await expect(writer.deleteEnvironment(linked)).rejects.toMatchObject({ code: 'unsafe-path' });
      await expect(writer.writePlan(linked, 'plan', null)).rejects.toMatchObject({ code: 'unsafe-path' });
      await expect(writer.switchTo(linked, draft([a]))).rejects.toMatchObject({ code: 'unsafe-path' });
    });
    const store = openStore(root);
    expect([store.environmentNames(), store.head(DEV), store.generation(DEV, 1), readdirSync(outside)]).toEqual([
      [],
      null,
      null,
      ['precious'],
    ]);
    expect(store.checkArtefact(a.artefact)).toBe('good');
  });

  it('write nothing if environments/ is a link', async () => {
    const root = testRoot();
    await produce(root);
    const outside = testRoot();
    symlinkSync(outside, join(root, 'target/environments'));
    await expect(withWriter(root, LOCK, writer => writer.writePlan(DEV, 'plan', null))).rejects.toMatchObject({
      code: 'unsafe-path',
    });
    expect([readdirSync(outside), openStore(root).environmentNames()]).toEqual([[], []]);
  });
});

describe('the next writer', () => {
  it('restores views that were deleted or overwritten', async () => {
    const root = testRoot();
    await produce(root);
    realDisk.unlink(join(root, 'target/intermediate/source_a.parquet'));
    realDisk.unlink(join(root, 'target/intermediate/transform_b.parquet'));
    writeFileSync(join(root, 'target/intermediate/transform_b.parquet'), 'mine');
    realDisk.unlink(join(root, 'target/manifest.json'));
    await withWriter(root, LOCK, async () => {});
    expect(views(root)).toEqual({ 'source_a.parquet': 'rows of a', 'transform_b.parquet': 'rows of b' });
    expect(existsSync(join(root, 'target/manifest.json'))).toBe(true);
  });

  it('removes temporary files, but not a young spill folder', async () => {
    const root = testRoot();
    await produce(root);
    const spill = newSpillFolder(root);
    mkdirSync(spill);
    writeFileSync(join(root, 'target/store/tmp/half.parquet'), 'half');
    await withWriter(root, LOCK, async () => {});
    expect(readdirSync(join(root, 'target/store/tmp')).map(name => join(root, 'target/store/tmp', name))).toEqual([
      spill,
    ]);
  });
});

describe('the cache', () => {
  it('replaces whole files, needs no lock, and accepts only plain names', () => {
    const root = testRoot();
    const cache = new Cache(root);
    cache.write('analysis.json', 'one');
    cache.write('analysis.json', 'two');
    expect([cache.read('analysis.json'), readdirSync(join(root, 'target/cache'))]).toEqual(['two', ['analysis.json']]);
    expect(() => cache.write('../x', '')).toThrow('not a valid cache name');
  });
});
