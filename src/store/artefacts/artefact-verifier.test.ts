import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import { identityFrom } from '../../core/state/content-parts.ts';
import type { Place, PlacedFile } from '../../core/state/place.ts';
import { ExecutionSession } from '../../engine/execution/execution-session.ts';
import { placeOfFile } from '../../engine/scan.ts';
import { AT, nodeId, removeTestRoots, testRoot } from '../store.fixture.ts';
import { ArtefactVerifier } from './artefact-verifier.ts';

let session: ExecutionSession;
beforeAll(async () => {
  session = await ExecutionSession.open({
    threads: 1,
    memoryLimit: null,
    temporaryDirectory: join(testRoot(), 'spill'),
  });
});
afterEach(removeTestRoots);
afterAll(() => session.close());

const columns = [{ name: 'id', type: 'BIGINT' }];

interface Written {
  readonly root: string;
  readonly record: ArtefactRecord;
  pathOf(index: number): string;
}

/** An artefact of files with these ranges of ids. */
async function written(ranges: readonly number[], { withParts = true } = {}): Promise<Written> {
  const root = testRoot();
  const pathOf = (index: number): string => join(root, `${index}.parquet`);
  const files: PlacedFile[] = [];
  for (const [index, range] of ranges.entries()) {
    await session.writeRows({ query: `SELECT range AS id FROM range(${range})`, into: pathOf(index) });
    const { parts } = await session.identityOf(placeOfFile(pathOf(index)), {});
    const { size, mtimeMs } = statSync(pathOf(index));
    const [part] = parts;
    files.push({ path: pathOf(index), size, mtimeMs, ...(withParts && part ? { parts: part } : {}) });
  }
  const { rows, parts } = await session.identityOf({ kind: 'files', files }, {});
  const record: ArtefactRecord = {
    id: 'artefact',
    node: nodeId('transform.b'),
    columns,
    rows,
    identity: identityFrom({ columns }, parts),
    inputs: {},
    endpoints: [],
    place: { kind: 'files', files },
    seconds: 0,
    at: AT,
  };
  return { root, record, pathOf };
}

/** A verifier, and the files that it read. */
function verifier({ record }: Written, cached: string | null = null) {
  const read: string[] = [];
  const look = (place: Place) => {
    if (place.kind === 'files') read.push(...place.files.map(file => file.path));
    return session.identityOf(place, {});
  };
  return { read, verifier: new ArtefactVerifier({ artefact: () => record }, look, cached) };
}

const touch = (path: string): void => utimesSync(path, 1_000_000, 1_000_000);

describe('ArtefactVerifier', () => {
  it('reads nothing if size and time match the record', async () => {
    const artefact = await written([2, 3]);
    const { read, verifier: checks } = verifier(artefact);
    expect([checks.known('artefact'), await checks.isWhole('artefact'), read, checks.render()]).toEqual([
      true,
      true,
      [],
      null,
    ]);
  });

  it('reads only the touched file, and only once', async () => {
    const artefact = await written([2, 3]);
    touch(artefact.pathOf(1));
    const first = verifier(artefact);
    expect([first.verifier.known('artefact'), await first.verifier.isWhole('artefact'), first.read]).toEqual([
      null,
      true,
      [artefact.pathOf(1)],
    ]);
    const later = verifier(artefact, first.verifier.render());
    expect([later.verifier.known('artefact'), later.read]).toEqual([true, []]);
  });

  it('reads the whole artefact if the record has no parts', async () => {
    const artefact = await written([2, 3], { withParts: false });
    touch(artefact.pathOf(0));
    const { read, verifier: checks } = verifier(artefact);
    expect([await checks.isWhole('artefact'), read]).toEqual([true, [artefact.pathOf(0), artefact.pathOf(1)]]);
  });

  it.each([true, false])('detects a file with other rows (parts recorded: %s)', async withParts => {
    const artefact = await written([2, 3], { withParts });
    rmSync(artefact.pathOf(0));
    await session.writeRows({ query: 'SELECT range + 1 AS id FROM range(2)', into: artefact.pathOf(0) });
    expect(await verifier(artefact).verifier.isWhole('artefact')).toBe(false);
  });

  it('detects swapped files and a file that is not Parquet', async () => {
    const swapped = await written([2, 3]);
    rmSync(swapped.pathOf(0));
    await session.writeRows({ query: 'SELECT range AS id FROM range(3)', into: swapped.pathOf(0) });
    expect(await verifier(swapped).verifier.isWhole('artefact')).toBe(false);
    const broken = await written([2]);
    writeFileSync(broken.pathOf(0), 'mine');
    expect(await verifier(broken).verifier.isWhole('artefact')).toBe(false);
  });

  it('detects a missing file without reading', async () => {
    const artefact = await written([2, 3]);
    rmSync(artefact.pathOf(1));
    const { read, verifier: checks } = verifier(artefact);
    expect([checks.known('artefact'), read]).toEqual([false, []]);
  });

  it.each(['[["artefact",{"size":1,"mtimeMs":1}]]', '{', '7'])('ignores the invalid cache %s', async cached => {
    const artefact = await written([2]);
    touch(artefact.pathOf(0));
    const { read, verifier: checks } = verifier(artefact, cached);
    expect([await checks.isWhole('artefact'), read.length]).toEqual([true, 1]);
  });
});
