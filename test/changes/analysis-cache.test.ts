import { afterAll, beforeAll, expect, it } from 'vitest';
import { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import { analyseModel, type ModelProject } from './model-project.ts';

const TABLES = [
  {
    id: 'source.s',
    name: 's',
    columns: [
      { name: 'id', type: 'INTEGER' },
      { name: 'x', type: 'VARCHAR' },
    ],
  },
];

let session: AnalysisSession;
beforeAll(async () => {
  session = await AnalysisSession.open();
});
afterAll(() => session.close());

const project = (queries: ModelProject['queries']): ModelProject => ({ sources: ['source.s'], queries });

const analyse = async (queries: ModelProject['queries'], cache: AnalysisCache) => [
  ...(await analyseModel({ session, tables: TABLES, answers: new Map() }, project(queries), cache)).versions,
];

/** The analysis with a cache that saw other queries before, and without a cache. */
async function bothOf(before: ModelProject['queries'], now: ModelProject['queries']) {
  const cache = new AnalysisCache(null);
  await analyse(before, cache);
  return { cached: await analyse(now, cache), anew: await analyse(now, new AnalysisCache(null)) };
}

it('lists nodes in the same order with any part of them cached', async () => {
  const { cached, anew } = await bothOf(
    { a: 'SELECT 1 AS x FROM source.s', b: 'SELECT id FROM source.s' },
    { a: 'SELECT 2 AS x FROM source.s', b: 'SELECT id FROM source.s' },
  );
  expect(cached.map(([id]) => id)).toEqual(['source.s', 'transform.a', 'transform.b']);
  expect(cached).toEqual(anew);
});

it.each([
  ['the order of an input', 'SELECT id, x FROM source.s ORDER BY id', 'SELECT id, x FROM source.s ORDER BY id DESC'],
  ['a column that only sorts', 'SELECT id, upper(x) AS x FROM source.s', 'SELECT id, lower(x) AS x FROM source.s'],
])('follows %s through a node that does not read it', async (_, old, now) => {
  const through = {
    p: 'SELECT id FROM (SELECT id, row_number() OVER (ORDER BY x) AS n FROM transform.m)',
    c: 'SELECT id FROM transform.p LIMIT 2',
  };
  const { cached, anew } = await bothOf({ m: old, ...through }, { m: now, ...through });
  expect(cached).toEqual(anew);
});

it('keeps computed types apart from stored types if only the meaning of an input changed', async () => {
  const below = {
    c: 'SELECT sum(id) AS s, any_value([id]::INTEGER[1]) AS l FROM transform.m',
    d: 'SELECT s FROM transform.c',
  };
  const { cached, anew } = await bothOf(
    { m: 'SELECT id FROM source.s', ...below },
    { m: 'SELECT id FROM source.s WHERE id > 1', ...below },
  );
  expect(cached).toEqual(anew);
  expect(cached.find(([id]) => id === 'transform.c')?.[1].analysis.computed).toEqual(['HUGEINT', 'INTEGER[1]']);
});
