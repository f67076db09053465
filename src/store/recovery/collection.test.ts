import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseEnvironmentName } from '../../core/environment/environment-name.ts';
import { listedArtefacts } from '../artefacts/listed-artefacts.ts';
import { placedFiles } from '../../core/state/place.ts';
import { orphans } from '../doctor/inspect-leftovers.ts';
import { renderRecord } from '../ledger/ledger-line.ts';
import { findCollection } from './collection.ts';
import type { CollectionRequest } from '../generations/kept-generations.ts';
import { StorePaths } from '../paths.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import { AT, DEV, draft, LOCK, nodeId, removeTestRoots, storeNode, testRoot } from '../store.fixture.ts';
import { openStore } from '../store-reader.ts';
import type { StoreWriter } from '../store-writer.ts';
import { withWriter } from '../with-writer.ts';

afterEach(removeTestRoots);

const DAY = 86_400_000;
/** Long after everything was made, so that no grace period applies. */
const LATER = new Date(Date.parse(AT) + 400 * DAY);
const request = (rest: Partial<CollectionRequest> = {}): CollectionRequest => ({
  now: LATER,
  retention: { generations: 1, days: 0 },
  expired: [],
  ...rest,
});

const collect = (root: string, rest: Partial<CollectionRequest> = {}) =>
  withWriter(root, LOCK, writer => writer.collect(request(rest)));

/** Makes generations of production, each of one node with this data. */
const produce = (root: string, ...data: readonly string[]): Promise<readonly GenerationNode[]> =>
  withWriter(root, LOCK, async writer => {
    const made: GenerationNode[] = [];
    for (const text of data) {
      const node = await storeNode(writer, { id: 'source.a', data: text });
      await writer.switchTo(null, draft([node]));
      made.push(node);
    }
    return made;
  });

const applyTo = async (writer: StoreWriter, base: number, nodes: readonly GenerationNode[]): Promise<number> =>
  writer.switchTo(DEV, draft(nodes, { cause: 'apply', base: { lineage: writer.lineage ?? '', serial: base } }));

const ids = (nodes: readonly (GenerationNode | undefined)[]): readonly string[] =>
  nodes.map(node => node?.artefact ?? '').sort();

describe('a collection', () => {
  it('keeps what a kept generation refers to, and nothing else', async () => {
    const root = testRoot();
    const [one, two, three] = await produce(root, 'one', 'two', 'three');
    const paths = new StorePaths(root);
    const before = statSync(paths.ledger).size;
    const collection = await collect(root, { retention: { generations: 2, days: 0 } });
    expect(collection.generations).toMatchObject([{ environment: null, serial: 1 }]);
    expect(collection.artefacts).toEqual([{ id: one?.artefact, node: 'source.a', bytes: 3 }]);
    expect(listedArtefacts(paths)).toEqual(ids([two, three]));
    const store = openStore(root);
    expect(store.serials(null)).toEqual([3, 2]);
    expect(store.artefact(one?.artefact ?? '')).toBeNull();
    expect(store.artefactsNamed('fingerprint-one')).toEqual([]);
    expect(store.artefactsNamed('fingerprint-two')).toEqual([two?.artefact]);
    expect(store.definition(two?.definition ?? '')).not.toBeNull();
    expect(statSync(paths.ledger).size).toBe(before - collection.ledgerBytes);
    expect(await collect(root, { retention: { generations: 2, days: 0 } })).toEqual({
      environments: [],
      generations: [],
      artefacts: [],
      files: [],
      ledger: null,
      ledgerBytes: 0,
      unreadable: [],
    });
  });

  it('keeps generations by age if that keeps more', async () => {
    const root = testRoot();
    await produce(root, 'one', 'two');
    const now = new Date(Date.parse(AT) + 29 * DAY);
    expect((await collect(root, { now, retention: { generations: 1, days: 30 } })).generations).toEqual([]);
    expect(openStore(root).serials(null)).toEqual([2, 1]);
  });

  it('keeps unreferenced artefacts for a day', async () => {
    const root = testRoot();
    await produce(root, 'one');
    const young = await withWriter(root, LOCK, writer => storeNode(writer, { id: 'source.b', data: 'b' }));
    const soon = new Date(Date.parse(AT) + DAY - 1);
    expect((await collect(root, { now: soon })).artefacts).toEqual([]);
    expect(openStore(root).artefactsNamed('fingerprint-b')).toEqual([young.artefact]);
    const early = new Date(Date.parse(AT) - DAY);
    expect((await collect(root, { now: early })).artefacts).toEqual([]);
    const then = new Date(Date.parse(AT) + DAY);
    expect((await collect(root, { now: then })).artefacts).toMatchObject([{ id: young.artefact }]);
  });

  it('keeps the bases of plans and of applied environments', async () => {
    const root = testRoot();
    const [one, two, three] = await produce(root, 'one', 'two', 'three');
    await withWriter(root, LOCK, async writer => {
      await applyTo(writer, 1, one ? [one] : []);
      const plan = JSON.stringify({ base: { lineage: writer.lineage, serial: 2 } });
      await writer.writePlan(DEV, plan, null);
    });
    expect((await collect(root)).generations).toEqual([]);
    expect(openStore(root).generation(DEV, 1)?.nodes).toEqual([one]);
    const collection = await collect(root, { expired: [DEV] });
    expect(collection.environments.map(({ name }) => name)).toEqual([DEV]);
    expect(collection.environments[0]?.bytes).toBeGreaterThan(0);
    expect(collection.generations.map(({ serial }) => serial)).toEqual([1, 2]);
    expect(existsSync(join(root, 'target/environments/dev'))).toBe(false);
    expect(listedArtefacts(new StorePaths(root))).toEqual(ids([three]));
    expect(two?.artefact).toBeDefined();
  });

  it('ignores a plan of another store and an invalid plan', async () => {
    const root = testRoot();
    await produce(root, 'one', 'two');
    await withWriter(root, LOCK, writer =>
      writer.writePlan(DEV, JSON.stringify({ base: { lineage: 'other', serial: 1 } }), null),
    );
    expect(findCollection(openStore(root), new StorePaths(root), request()).generations).toHaveLength(1);
    writeFileSync(join(root, 'target/environments/dev/plan.json'), '{');
    expect((await collect(root)).generations).toHaveLength(1);
  });

  it('removes old files without a record, and records without a file', async () => {
    const root = testRoot();
    const [one, two] = await produce(root, 'one', 'two');
    const paths = new StorePaths(root);
    const orphan = paths.artefact('aaaaaaaaaaaaaaaa');
    mkdirSync(dirname(orphan), { recursive: true });
    writeFileSync(orphan, 'nobody knows me');
    rmSync(paths.artefact(one?.artefact ?? ''));
    const now = new Date();
    expect((await collect(root, { now })).artefacts).toEqual([]);
    expect(openStore(root).artefact(one?.artefact ?? '')).toBeNull();
    utimesSync(orphan, new Date(0), new Date(0));
    expect((await collect(root, { now })).artefacts).toEqual([{ id: 'aaaaaaaaaaaaaaaa', node: null, bytes: 15 }]);
    expect(listedArtefacts(paths)).toEqual(ids([two]));
  });

  it('keeps a file that a kept artefact shares with a removed one', async () => {
    const root = testRoot();
    const [one, two] = await produce(root, 'one', 'two');
    const paths = new StorePaths(root);
    const [goes, stays] = [one, two].map(node => openStore(root).artefact(node?.artefact ?? ''));
    if (!goes || !stays) throw new Error('nothing was recorded');
    const files = [...placedFiles(stays.place), ...placedFiles(goes.place)];
    appendFileSync(paths.ledger, renderRecord({ t: 'artefact', ...stays, place: { kind: 'files', files } }, paths));
    const found = findCollection(openStore(root), paths, request());
    expect([found.artefacts.map(artefact => artefact.id), found.files]).toEqual([[goes.id], []]);
    writeFileSync(paths.ledger, found.ledger ?? '');
    const left = openStore(root);
    expect([left.artefact(goes.id), orphans(left, paths, new Set())]).toEqual([null, []]);
    expect(findCollection(left, paths, request()).artefacts).toEqual([]);
  });

  it('drops comparisons of removed artefacts, but keeps those with inputs of kept ones', async () => {
    const root = testRoot();
    await withWriter(root, LOCK, async writer => {
      const old = await storeNode(writer, { id: 'source.a', data: 'old' });
      const now = await storeNode(writer, { id: 'source.a', data: 'now' });
      const stray = await storeNode(writer, { id: 'source.a', data: 'stray' });
      const built = await buildFrom(writer, old.artefact);
      writer.recordEqual(old.artefact, now.artefact, ['id'], false, true);
      writer.recordEqual(stray.artefact, now.artefact, null, false, false);
      await writer.switchTo(null, draft([now, { ...now, id: nodeId('transform.b'), artefact: built }]));
      await writer.collect(request());
      expect(writer.equalKnown(now.artefact, old.artefact, ['id'], false)).toBe(true);
      expect(writer.equalKnown(now.artefact, stray.artefact, null, false)).toBeNull();
      expect(listedArtefacts(new StorePaths(root))).toEqual([now.artefact, built].sort());
      await storeNode(writer, { id: 'source.c', data: 'after' });
    });
    expect(openStore(root).artefactsNamed('fingerprint-after')).toHaveLength(1);
    expect(openStore(root).artefactsNamed('fingerprint-now')).toHaveLength(1);
  });

  it('removes nothing if a current generation is damaged', async () => {
    const root = testRoot();
    const made = await produce(root, 'one', 'two');
    await withWriter(root, LOCK, writer => applyTo(writer, 1, made.slice(0, 1)));
    const file = join(root, 'target/store/generations/dev/1.json');
    writeFileSync(file, '{');
    await expect(collect(root)).rejects.toMatchObject({ code: 'store-damaged' });
    expect(listedArtefacts(new StorePaths(root))).toEqual(ids(made));
    expect((await collect(root, { expired: [DEV] })).generations).toHaveLength(1);
  });

  it('skips a damaged earlier generation, and keeps what it may refer to', async () => {
    const root = testRoot();
    const [one, , three] = await produce(root, 'one', 'two', 'three');
    const loose = await withWriter(root, LOCK, async writer => {
      await applyTo(writer, 3, three ? [three] : []);
      const known = await storeNode(writer, { id: 'source.b', data: 'before' });
      const after = new Date(Date.parse(AT) + DAY).toISOString();
      const later = await storeNode(writer, { id: 'source.c', data: 'after', at: after });
      return { known, later };
    });
    const file = join(root, 'target/store/generations/production/2.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"by":"ana"', '"by":"anb"'));
    const keepTwo = { retention: { generations: 2, days: 0 }, expired: [DEV] };
    const collection = await collect(root, keepTwo);
    expect(collection).toMatchObject({
      environments: [{ name: DEV }],
      generations: [{ environment: null, serial: 1 }],
      artefacts: [{ id: loose.later.artefact }],
      unreadable: [{ environment: null, serial: 2 }],
    });
    expect(existsSync(file)).toBe(true);
    expect(listedArtefacts(new StorePaths(root))).toContain(one?.artefact);
    expect(openStore(root).definition(one?.definition ?? '')).not.toBeNull();
    const past = await collect(root);
    expect(past).toMatchObject({ generations: [{ serial: 2 }], unreadable: [] });
    expect(listedArtefacts(new StorePaths(root))).toEqual(ids([three]));
  });

  it('skips an environment based on a damaged generation, and keeps every artefact', async () => {
    const root = testRoot();
    const made = await produce(root, 'one', 'two');
    await withWriter(root, LOCK, writer => applyTo(writer, 1, made.slice(0, 1)));
    writeFileSync(join(root, 'target/store/generations/production/1.json'), '{');
    expect(await collect(root)).toMatchObject({
      artefacts: [],
      unreadable: [
        { environment: DEV, serial: 1 },
        { environment: null, serial: 1 },
      ],
    });
    expect(listedArtefacts(new StorePaths(root))).toEqual(ids(made));
  });

  it('finds without the lock exactly what it would remove, and writes nothing', async () => {
    const root = testRoot();
    await produce(root, 'one', 'two');
    const ledger = readFileSync(join(root, 'target/store/ledger.jsonl'), 'utf8');
    const found = findCollection(openStore(root), new StorePaths(root), request());
    expect(readFileSync(join(root, 'target/store/ledger.jsonl'), 'utf8')).toBe(ledger);
    expect(await collect(root)).toEqual(found);
  });

  it('does not change what an open reader sees, and shows the new state to a later one', async () => {
    const root = testRoot();
    const [, two] = await produce(root, 'one', 'two');
    const early = openStore(root);
    expect(early.current(null)?.serial).toBe(2);
    expect(early.artefact(two?.artefact ?? '')).not.toBeNull();
    await collect(root);
    const [three] = await produce(root, 'three');
    expect(early.current(null)?.nodes).toEqual([two]);
    expect(early.artefact(three?.artefact ?? '')?.rows).toBe(5);
    expect(openStore(root).current(null)?.nodes).toEqual([three]);
  });

  it('does not remove an environment that is a link', async () => {
    const root = testRoot();
    await produce(root, 'one');
    const linked = parseEnvironmentName('linked');
    const outside = testRoot();
    writeFileSync(join(outside, 'precious'), 'mine');
    chmodSync(join(outside, 'precious'), 0o444);
    await withWriter(root, LOCK, writer => writer.writePlan(DEV, 'plan', null));
    symlinkSync(outside, join(root, 'target/environments/linked'));
    await expect(collect(root, { expired: [linked] })).rejects.toMatchObject({ code: 'unsafe-path' });
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('mine');
  });
});

async function buildFrom(writer: StoreWriter, input: string): Promise<string> {
  const temporary = writer.temporaryPath('.parquet');
  writeFileSync(temporary, 'built');
  const record = await writer.adoptArtefact(temporary, {
    node: nodeId('transform.b'),
    columns: [],
    rows: 1,
    identity: 'built',
    inputs: { 'source.a': input },
    endpoints: [],
    seconds: 0,
    at: AT,
  });
  return record.id;
}
