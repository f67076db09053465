import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenParquet } from '../broken-parquet.testing.ts';
import { EngineFailure } from '../engine-failure.ts';
import { placeOfFile } from '../scan.ts';
import { ExecutionSession } from './execution-session.ts';

const folder = mkdtempSync(join(tmpdir(), 'seeknal-execution-'));
const broken = join(folder, 'broken.parquet');
let session: ExecutionSession;
let files = 0;

beforeAll(async () => {
  writeFileSync(broken, brokenParquet());
  session = await ExecutionSession.open({ threads: 2, memoryLimit: null, temporaryDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true, force: true });
});

const target = () => join(folder, `${(files += 1)}.parquet`);
const table = (path: string) => ({ schema: 'source', name: 'x', place: placeOfFile(path) });

async function written(query: string): Promise<string> {
  const into = target();
  await session.writeRows({ query, into });
  return into;
}

describe('a query on which DuckDB fails fatally', () => {
  it('fails with its reason in one line, and the next one runs in a new database', async () => {
    const failure = await session.rows(`FROM read_parquet('${broken}')`).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineFailure);
    expect((failure as Error).message).toBe('DuckDB failed: File is encrypted but no encryption algorithm is set');
    expect(await session.rows('SELECT 1 AS one')).toEqual([[1]]);
  });

  it('does not affect concurrent queries and their views', async () => {
    const input = table(await written('SELECT range AS n FROM range(1000)'));
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 3 }, () =>
        session.writeQuery({ prepare: [], query: 'SELECT sum(n) AS s FROM source.x', inputs: [input], into: target() }),
      ),
      session.rows(`FROM read_parquet('${broken}')`),
      session.identityOf(input.place, {}),
      session.writeQuery({
        prepare: [{ text: 'CREATE TEMP TABLE t AS FROM source.x' }],
        query: 'SELECT count(*) AS c FROM t',
        inputs: [input],
        into: target(),
      }),
    ]);
    expect(outcomes.map(outcome => outcome.status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
      ...['fulfilled', 'fulfilled'],
    ]);
  });

  it('fails only the query whose input is broken', async () => {
    const whole = { ...table(await written('SELECT 1 AS n')), name: 'whole' };
    const bad = { ...table(broken), name: 'bad' };
    session.offerTable(bad);
    const query = (name: string) =>
      session.writeQuery({
        prepare: [],
        query: `SELECT n FROM source.${name}`,
        inputs: [name === 'bad' ? bad : whole],
        into: target(),
      });
    const outcomes = await Promise.allSettled([query('whole'), query('bad'), query('whole')]);
    expect(outcomes.map(outcome => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('does not block others if an input is missing', async () => {
    const gone = { ...table(join(folder, 'gone.parquet')), name: 'gone' };
    const here = { ...table(await written('SELECT 2 AS n')), name: 'here' };
    const query = (input: typeof gone) =>
      session.writeQuery({ prepare: [], query: `FROM source.${input.name}`, inputs: [input], into: target() });
    const outcomes = await Promise.allSettled([query(gone), query(here), query(here)]);
    expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});
