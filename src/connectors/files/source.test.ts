import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeFromDefinition } from '../../core/definition/nodes/node-from-definition.ts';
import type { NodeId, SourceNode, FileSourceType } from '../../core/definition/nodes/node.ts';
import type { JsonObject } from '../../core/json.ts';
import { ExecutionSession } from '../../engine/execution/execution-session.ts';
import { readSteadily } from '../read-steadily.ts';
import type { SourceConnector } from '../source-connector.ts';
import { describeSourceConnector, type SourceFixture } from '../source-connector.contract.ts';
import { FileHashes } from './file-hashes.ts';
import { fileSource, type FileSurroundings } from './source.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A project root whose path contains glob characters, and a folder for staged data. */
function makeFolders(): { readonly root: string; readonly staging: string } {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-files-env=a[1]-'));
  folders.push(folder);
  const [root, staging] = [join(folder, 'project'), join(folder, 'staging')];
  for (const path of [join(root, 'data'), staging]) mkdirSync(path, { recursive: true });
  return { root, staging };
}

function sourceNode(definition: JsonObject): SourceNode {
  const node = nodeFromDefinition('source.orders' as NodeId, 'seeknal/orders.yml', {
    kind: 'source',
    name: 'orders',
    ...definition,
  });
  if (node.kind !== 'source') throw new Error('the definition is not of a source');
  return node;
}

const openSession = (folder: string): Promise<ExecutionSession> =>
  ExecutionSession.open({ threads: 1, memoryLimit: null, temporaryDirectory: join(folder, 'spill') });

const AT = new Date();

function surroundingsOf(root: string, session: ExecutionSession): FileSurroundings {
  return {
    root,
    hashes: new FileHashes(null),
    signal: new AbortController().signal,
    now: () => AT,
    session: () => Promise.resolve(session),
  };
}

interface FileFormat {
  readonly type: FileSourceType;
  /** Other parameters, which read the same data in another way. */
  readonly params: JsonObject;
  write(session: ExecutionSession, path: string, ids: readonly number[]): Promise<void>;
}

const textFormat = (
  type: FileSourceType,
  params: JsonObject,
  text: (ids: readonly number[]) => string,
): FileFormat => ({
  type,
  params,
  write: async (_, path, ids) => writeFileSync(path, text(ids)),
});

const FORMATS: readonly FileFormat[] = [
  textFormat('csv', { header: true }, ids => `id,name\n${ids.map(id => `${id},n${id}\n`).join('')}`),
  textFormat('json', { maximum_depth: 3 }, ids => JSON.stringify(ids.map(id => ({ id, name: `n${id}` })))),
  textFormat('jsonl', { maximum_depth: 3 }, ids => ids.map(id => `{"id": ${id}, "name": "n${id}"}\n`).join('')),
  {
    type: 'parquet',
    params: { binary_as_string: true },
    write: async (session, path, ids) => {
      const query = `SELECT id, 'n' || id AS name FROM (SELECT unnest([${ids.join(', ')}])::BIGINT AS id)`;
      await session.writeRows({ query, into: path });
    },
  },
];

async function makeFixture({ type, params, write }: FileFormat): Promise<SourceFixture> {
  const { root, staging } = makeFolders();
  const session = await openSession(staging);
  const path = join(root, 'data', `a.${type}`);
  let last = [1, 2];
  await write(session, path, last);
  const definition = { source: type, table: `data/*.${type}` };
  const around = surroundingsOf(root, session);
  return {
    connector: fileSource(around),
    interrupted: fileSource({ ...around, signal: AbortSignal.abort() }),
    session,
    staging,
    source: sourceNode(definition),
    others: {
      path: sourceNode({ ...definition, table: `data/a.${type}` }),
      params: sourceNode({ ...definition, params }),
      schema: sourceNode({
        ...definition,
        schema: [
          { name: 'id', data_type: 'BIGINT' },
          { name: 'name', data_type: 'VARCHAR' },
        ],
      }),
      type: sourceNode({ ...definition, source: type === 'jsonl' ? 'json' : 'jsonl' }),
    },
    absent: sourceNode({ ...definition, table: `data/b.${type}` }),
    change: async () => {
      last = [...last, last.length + 1];
      await write(session, path, last);
    },
    rewrite: async () => {
      await write(session, path, last);
      utimesSync(path, new Date(0), new Date(0));
    },
    surroundings: () =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => `${entry.name} ${readFileSync(join(entry.parentPath, entry.name)).toString('base64')}`)
        .join('\n'),
    close: () => session.close(),
  };
}

for (const format of FORMATS) describeSourceConnector(`${format.type} files`, () => makeFixture(format));

describe('files that change', () => {
  const { root, staging } = makeFolders();
  const path = join(root, 'data', 'a.csv');
  const source = sourceNode({ source: 'csv', table: 'data/*.csv' });
  let session: ExecutionSession;
  let readings = 0;
  beforeAll(async () => {
    session = await openSession(staging);
  });
  afterAll(() => session.close());

  /** Inspects and reads the files; calls `meanwhile` with its number during each reading, and `repair` before each new inspection. */
  async function readWhile(meanwhile: (reading: number) => void, repair: () => void = () => undefined) {
    writeFileSync(path, 'id\n1\n2\n');
    const around = surroundingsOf(root, session);
    const quiet = fileSource(around);
    const ask = { isKnown: () => Promise.resolve(false), earlier: () => null };
    const inspection = await quiet.inspect(source, ask);
    if (inspection.columns === null) throw new Error('not inspected');
    readings = 0;
    const disturbed = fileSource({ ...around, session: () => (meanwhile((readings += 1)), around.session()) });
    const into = join(staging, 'a.parquet');
    rmSync(into, { force: true });
    const connector: SourceConnector = { ...disturbed, inspect: (...asked) => (repair(), quiet.inspect(...asked)) };
    return readSteadily(connector, { source, inspection, into, full: false });
  }

  it('are read again if they changed while they were read', async () => {
    const read = await readWhile(reading => reading === 1 && writeFileSync(path, 'id,name\n1,a\n2,b\n3,c\n'));
    expect(read).toMatchObject({ rows: 3, columns: [{ name: 'id' }, { name: 'name' }] });
    expect(readings).toBe(2);
  });

  it('are read again if another file was added', async () => {
    const other = join(root, 'data', 'b.csv');
    const read = await readWhile(reading => reading === 1 && writeFileSync(other, 'id\n3\n4\n'));
    rmSync(other);
    expect(read).toMatchObject({ rows: 4 });
  });

  it('are read again if a change made the reading fail', async () => {
    const breaks = (reading: number) =>
      reading === 1 && writeFileSync(path, Buffer.from([0x69, 0x64, 0x0a, 0xff, 0x0a]));
    const read = await readWhile(breaks, () => writeFileSync(path, 'id\n1\n2\n3\n'));
    expect(read).toMatchObject({ rows: 3, columns: [{ name: 'id', type: 'BIGINT' }] });
  });

  it('fail their source if they keep changing', async () => {
    const reading = readWhile(times => writeFileSync(path, `id\n${'1\n'.repeat(times + 2)}`));
    await expect(reading).rejects.toMatchObject({
      code: 'source-changed',
      message: 'The files of source.orders changed while they were read.',
    });
  });

  it('fail their source if they no longer exist', async () => {
    await expect(readWhile(() => rmSync(path, { force: true }))).rejects.toMatchObject({ code: 'source-missing' });
  });
});

describe('the folder of a pattern', () => {
  const { root, staging } = makeFolders();
  const source = sourceNode({ source: 'csv', table: 'data/*.csv' });
  const listing = vi.spyOn(fs, 'readdir');
  let session: ExecutionSession;
  beforeAll(async () => {
    syncBuiltinESMExports();
    session = await openSession(staging);
    writeFileSync(join(root, 'data', 'a.csv'), 'id\n1\n');
  });
  afterAll(() => {
    listing.mockRestore();
    syncBuiltinESMExports();
    session.close();
  });

  const timesListed = (): number => listing.mock.calls.filter(([path]) => String(path).includes('data')).length;

  it('is listed once to inspect a source and once after reading it', async () => {
    const connector = fileSource(surroundingsOf(root, session));
    const ask = { isKnown: () => Promise.resolve(false), earlier: () => null };
    const inspection = await connector.inspect(source, ask);
    expect(timesListed()).toBe(1);
    if (inspection.columns === null) throw new Error('not inspected');
    await connector.read({ source, inspection, into: join(staging, 'a.parquet'), full: false });
    expect(timesListed()).toBe(2);
  });
});
