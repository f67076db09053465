import { appendFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { PlacedFile } from '../../core/state/place.ts';
import { StorePaths } from '../paths.ts';
import type { LedgerRecord } from '../records.ts';
import { AT, LOCK, nodeId, removeTestRoots, storeNode, testRoot } from '../store.fixture.ts';
import { openStore } from '../store-reader.ts';
import { withWriter } from '../with-writer.ts';
import { readRecord, renderRecord, type StoredRecord } from './ledger-line.ts';

afterEach(removeTestRoots);

const ID = 'abcdefghijklmnop';
const paths = new StorePaths(join('/projects', 'sales'));

const artefact = (files: readonly PlacedFile[]): ArtefactRecord => ({
  id: ID,
  node: nodeId('transform.b'),
  columns: [{ name: 'id', type: 'INTEGER' }],
  rows: 5,
  identity: 'identity',
  inputs: {},
  endpoints: [],
  place: { kind: 'files', files },
  seconds: 0.5,
  at: AT,
});

const file = (name: string, rest: Partial<PlacedFile> = {}): PlacedFile => ({
  path: join(paths.artefacts, 'a', `${name}.parquet`),
  size: 10,
  mtimeMs: 1700000000000.5,
  ...rest,
});

const parse = (line: string): StoredRecord => JSON.parse(line) as StoredRecord;
const stored = (record: ArtefactRecord): unknown =>
  (parse(renderRecord({ t: 'artefact', ...record }, paths)) as ArtefactRecord).place;

describe('a record of the ledger', () => {
  it('holds paths relative to the artefact folder, and the rows of a single file once', () => {
    expect(stored(artefact([file(ID, { parts: { rows: 5, sum: '36893488147419103233' } })]))).toEqual({
      kind: 'files',
      files: [{ path: `a/${ID}.parquet`, size: 10, mtimeMs: 1700000000000.5, sum: '36893488147419103233' }],
    });
  });

  it.each<[string, ArtefactRecord]>([
    ['one file', artefact([file(ID, { parts: { rows: 5, sum: '7' } })])],
    ['one file without parts', artefact([file(ID)])],
    [
      'several files',
      artefact([file('one', { parts: { rows: 2, sum: '3' } }), file('two', { parts: { rows: 3, sum: '4' } })]),
    ],
    ['a table', { ...artefact([]), place: { kind: 'table', catalogue: 'lake', name: 'sales', snapshot: '42' } }],
  ])('of %s is read as it was written', (_, record) => {
    const whole: LedgerRecord = { t: 'artefact', ...record };
    expect(readRecord(parse(renderRecord(whole, paths)), paths)).toEqual(whole);
  });

  it('of an earlier version is read as one file named after its artefact', () => {
    const line = `{"t":"artefact","id":"${ID}","node":"transform.b","columns":[],"rows":5,"identity":"i","inputs":{},"endpoints":[],"place":{"kind":"parquet","size":10,"mtimeMs":12.5},"seconds":1,"at":"${AT}"}`;
    expect(readRecord(parse(line), paths)).toMatchObject({
      id: ID,
      place: { kind: 'files', files: [{ path: paths.artefact(ID), size: 10, mtimeMs: 12.5 }] },
    });
  });

  it.each(['../../x.parquet', '/etc/passwd', 'a/../../x.parquet', ''])('refuses the path %j', path => {
    const place = { kind: 'files', files: [{ path, size: 1, mtimeMs: 1 }] } as const;
    const record: StoredRecord = { t: 'artefact', ...artefact([]), place };
    expect(() => readRecord(record, paths)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });
});

describe('the ledger of an earlier version', () => {
  it('works in a moved project, and takes new records beside old ones', async () => {
    const root = testRoot();
    const { artefact: id } = await withWriter(root, LOCK, writer =>
      storeNode(writer, { id: 'source.a', data: 'rows' }),
    );
    const former = 'former'.padEnd(16, 'x');
    const ledger = join(root, 'target/store/ledger.jsonl');
    const line =
      readFileSync(ledger, 'utf8')
        .split('\n')
        .find(text => text.includes('"t":"artefact"')) ?? '';
    const { place: _, ...record } = JSON.parse(line) as ArtefactRecord;
    const old = { ...record, id: former, place: { kind: 'parquet', size: 4, mtimeMs: 1 } };
    appendFileSync(ledger, `${JSON.stringify(old)}\n`);
    const moved = testRoot();
    cpSync(root, moved, { recursive: true, preserveTimestamps: true });
    const store = openStore(moved);
    const places = [id, former].map(each => store.artefact(each)?.place);
    expect(places).toEqual(
      [id, former].map(each => ({
        kind: 'files',
        files: [expect.objectContaining({ path: new StorePaths(moved).artefact(each), size: 4 })],
      })),
    );
    expect([store.artefactBytes(id), store.artefactBytes(former), store.checkArtefact(former)]).toEqual([
      4,
      null,
      'missing',
    ]);
  });
});
