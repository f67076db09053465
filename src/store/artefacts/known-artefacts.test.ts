import { rmSync, truncateSync, utimesSync, chmodSync } from 'node:fs';
import { placedFiles } from '../../core/state/place.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArtefactKnowledge } from '../../core/plan/usable.ts';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import { ExecutionSession } from '../../engine/execution/execution-session.ts';
import { AT, LOCK, nodeId, removeTestRoots, testRoot } from '../store.fixture.ts';
import type { StoreWriter } from '../store-writer.ts';
import { withWriter } from '../with-writer.ts';
import { ArtefactVerifier } from './artefact-verifier.ts';
import { KnownArtefacts, type KnowledgeOptions, type PlacedOutput } from './known-artefacts.ts';

let session: ExecutionSession;
beforeAll(async () => {
  session = await ExecutionSession.open({ threads: 1, memoryLimit: null, temporaryDirectory: testRoot() });
});
afterEach(removeTestRoots);
afterAll(() => session.close());

interface Scene {
  readonly writer: StoreWriter;
  readonly known: KnownArtefacts;
  /** How often data was compared. */
  comparisons(): number;
  /** Stores the rows of a query. */
  artefact(query: string): Promise<ArtefactRecord>;
}

const pathOf = ({ place }: ArtefactRecord): string => placedFiles(place)[0]?.path ?? '';

/** A store in its own folder; `options` override the defaults. */
function inStore(work: (scene: Scene) => Promise<void>, options: Partial<KnowledgeOptions> = {}): Promise<void> {
  return withWriter(testRoot(), LOCK, writer => {
    let comparisons = 0;
    const known = new KnownArtefacts({
      state: writer,
      artefacts: new ArtefactVerifier(writer, place => session.identityOf(place, {}), null),
      session: () => {
        comparisons += 1;
        return Promise.resolve(session);
      },
      ...options,
    });
    return work({ writer, known, comparisons: () => comparisons, artefact: query => store(writer, query) });
  });
}

async function store(writer: StoreWriter, query: string): Promise<ArtefactRecord> {
  const into = writer.temporaryPath('.parquet');
  const written = await session.writeRows({ query, into });
  const { columns, rows, identity } = written;
  const draft = { node: nodeId('transform.a'), columns, rows, identity, inputs: {}, endpoints: [], seconds: 0, at: AT };
  return writer.adoptArtefact(into, draft);
}

const read = (...columns: string[]) => ({ columns, order: false });

/** Equal in `id`, not in `x`. */
const ONE = 'SELECT i AS id, i * 2 AS x FROM range(3) t(i)';
const OTHER = 'SELECT i AS id, i * 3 AS x FROM range(3) t(i)';
const BACKWARDS = 'SELECT i AS id, 0::BIGINT AS x FROM range(3) t(i) ORDER BY i DESC';

describe('settling a verdict', () => {
  it('judges again until no question is open', () =>
    inStore(async ({ known, artefact }) => {
      const [a, b, c] = [await artefact(ONE), await artefact(OTHER), await artefact(BACKWARDS)];
      const answers: (boolean | null)[][] = [];
      const judge = ({ equal }: ArtefactKnowledge) => {
        const first = equal(a.id, b.id, read('id'));
        const second = first === true ? equal(b.id, c.id, read('id')) : null;
        answers.push([first, second]);
        return first === true && second === true;
      };
      expect(await known.settle(judge)).toBe(true);
      expect(answers).toEqual([
        [null, null],
        [true, null],
        [true, true],
      ]);
    }));

  it('judges once if everything is known', () =>
    inStore(async ({ known, comparisons }) => {
      let judged = 0;
      expect(await known.settle(({ named }) => [(judged += 1), named('none')])).toEqual([1, []]);
      expect(comparisons()).toBe(0);
    }));

  it('compares each pair of data once, in the columns that are read', () =>
    inStore(async ({ known, comparisons, artefact }) => {
      const [a, b] = [await artefact(ONE), await artefact(OTHER)];
      const judge = ({ equal }: ArtefactKnowledge) => [
        equal(a.id, b.id, read('id')),
        equal(a.id, b.id, read('id')),
        equal(a.id, b.id, read('x')),
      ];
      expect(await known.settle(judge)).toEqual([true, true, false]);
      expect(await known.settle(judge)).toEqual([true, true, false]);
      expect(comparisons()).toBe(2);
    }));

  it('compares in order if the order is read', () =>
    inStore(async ({ known, artefact }) => {
      const [a, b] = [await artefact(ONE), await artefact(BACKWARDS)];
      const judge = ({ equal }: ArtefactKnowledge) =>
        [false, true].map(order => equal(a.id, b.id, { columns: ['id'], order }));
      expect(await known.settle(judge)).toEqual([true, false]);
    }));

  it('reads no data if the records suffice', () =>
    inStore(async ({ known, comparisons, artefact }) => {
      const [a, b, c] = [await artefact(ONE), await artefact(ONE), await artefact('SELECT 1 AS id')];
      const judge = ({ equal }: ArtefactKnowledge) => [
        equal(a.id, b.id, read('id', 'x')),
        equal(a.id, c.id, read('id')),
        equal(a.id, b.id, read('gone')),
      ];
      expect(await known.settle(judge)).toEqual([true, false, false]);
      expect(comparisons()).toBe(0);
    }));
});

describe('an artefact that is missing', () => {
  it('equals no other, whether its record or its file is missing', () =>
    inStore(async ({ known, artefact }) => {
      const [a, b] = [await artefact(ONE), await artefact(OTHER)];
      rmSync(pathOf(b), { force: true });
      const judge = ({ equal }: ArtefactKnowledge) => [
        equal('none', a.id, read('id')),
        equal(a.id, 'none', read('id')),
        equal(a.id, b.id, read('id')),
        equal(b.id, a.id, read('id')),
      ];
      expect(await known.settle(judge)).toEqual([false, false, false, false]);
    }));

  it('is not whole, and has no known inputs', () =>
    inStore(async ({ known }) => {
      expect(await known.settle(({ isWhole, inputsOf }) => [isWhole('none'), inputsOf('none')])).toEqual([false, null]);
    }));
});

describe('an artefact whose file was touched', () => {
  it('is read, and is whole if it holds what was recorded', () =>
    inStore(async ({ known, artefact }) => {
      const touched = await artefact(ONE);
      const { id } = touched;
      utimesSync(pathOf(touched), 1, 1);
      const answers: (boolean | null)[] = [];
      await known.settle(({ isWhole }) => answers.push(isWhole(id)));
      expect(answers).toEqual([null, true]);
    }));

  it('is not whole if it was cut short', () =>
    inStore(async ({ known, artefact }) => {
      const cut = await artefact(ONE);
      const { id } = cut;
      chmodSync(pathOf(cut), 0o644);
      truncateSync(pathOf(cut), 20);
      expect(await known.settle(({ isWhole }) => isWhole(id))).toBe(false);
    }));
});

describe('the result of a comparison', () => {
  it('is recorded if requested', async () => {
    const kept: unknown[] = [];
    const recordEqual: KnowledgeOptions['recordEqual'] = (pair, equal) => void kept.push([pair, equal]);
    await inStore(
      async ({ known, artefact }) => {
        const [a, b] = [(await artefact(ONE)).id, (await artefact(OTHER)).id];
        await known.settle(({ equal }) => [equal(a, b, read('id')), equal(a, b, read('x'))]);
        expect(kept).toEqual([
          [{ a, b, columns: ['id'], ordered: false }, true],
          [{ a, b, columns: ['x'], ordered: false }, false],
        ]);
      },
      { recordEqual },
    );
  });

  it('is not recorded otherwise', () =>
    inStore(async ({ known, writer, artefact }) => {
      const [a, b] = [await artefact(ONE), await artefact(OTHER)];
      expect(await known.settle(({ equal }) => equal(a.id, b.id, read('id')))).toBe(true);
      expect(writer.equalKnown(a.id, b.id, ['id'], false)).toBeNull();
    }));

  it('is taken from the store if it is known there', () =>
    inStore(async ({ known, writer, comparisons, artefact }) => {
      const [a, b] = [await artefact(ONE), await artefact(OTHER)];
      writer.recordEqual(a.id, b.id, ['id'], false, false);
      expect(await known.settle(({ equal }) => equal(a.id, b.id, read('id')))).toBe(false);
      expect(comparisons()).toBe(0);
    }));
});

it('an output of this command counts as whole before it is recorded, and is compared by its file', async () => {
  const fresh = new Map<string, PlacedOutput>();
  await inStore(
    async ({ known, writer, artefact }) => {
      const a = await artefact(ONE);
      const into = writer.temporaryPath('.parquet');
      const { columns, rows } = await session.writeRows({ query: ONE, into });
      const { id, place } = await writer.placeArtefact(into);
      fresh.set(id, { columns, rows, place });
      const judge = ({ isWhole, equal }: ArtefactKnowledge) => [isWhole(id), equal(a.id, id, read('id', 'x'))];
      expect(await known.settle(judge)).toEqual([true, true]);
    },
    { fresh: id => fresh.get(id) ?? null },
  );
});
