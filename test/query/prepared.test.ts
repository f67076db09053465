import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import { analyseModel } from '../changes/model-project.ts';

const TABLES = [
  {
    id: 'source.s',
    name: 's',
    columns: [
      { name: 'id', type: 'INTEGER' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'amount', type: 'DOUBLE' },
    ],
  },
];

let session: AnalysisSession;
beforeAll(async () => {
  session = await AnalysisSession.open();
});
afterAll(() => session.close());

async function analysed(sql: string) {
  const model = { sources: ['source.s'], queries: { m: sql } };
  const { versions, refused } = await analyseModel(
    { session, tables: TABLES, answers: new Map() },
    model,
    new AnalysisCache(null),
  );
  const analysis = [...versions.values()].find(version => version.node.name === 'm')?.analysis;
  if (!analysis) throw new Error(refused.join('\n'));
  return analysis;
}

describe('a change of an earlier statement changes the fingerprint', () => {
  it.each([
    [
      'a table',
      'CREATE TABLE p AS SELECT id, amount FROM source.s;\nSELECT amount FROM p',
      'amount',
      'amount + 1 AS amount',
    ],
    [
      'a table with a list of columns',
      'CREATE TABLE p(a, b) AS SELECT id, amount FROM source.s;\nSELECT b FROM p',
      'amount',
      'amount + 1',
    ],
    [
      'the filter of a table',
      'CREATE TABLE p AS SELECT id FROM source.s WHERE amount > 1;\nSELECT id FROM p',
      '> 1',
      '> 2',
    ],
    [
      'a view',
      'CREATE VIEW p AS SELECT id, amount FROM source.s;\nSELECT amount FROM p',
      'amount FROM source',
      'amount + 1 AS amount FROM source',
    ],
    [
      'a view with a list of columns',
      'CREATE VIEW p(a, b) AS SELECT id, amount FROM source.s;\nSELECT b FROM p',
      'amount',
      'id',
    ],
    ['a macro', 'CREATE MACRO f(x) AS x + 1;\nSELECT f(id) AS id FROM source.s', 'x + 1', 'x + 2'],
    [
      'a table macro',
      'CREATE MACRO f(x) AS TABLE SELECT id FROM source.s WHERE id > x;\nSELECT id FROM f(1)',
      'id > x',
      'id < x',
    ],
    [
      'a macro that an earlier table calls',
      "CREATE MACRO f(x) AS string_agg(x, '-' ORDER BY x);\nCREATE TABLE p AS SELECT f(name) AS n FROM source.s;\nSELECT n FROM p",
      "'-'",
      "'+'",
    ],
    [
      'an argument that binding takes out of sight',
      "CREATE TABLE p AS SELECT string_agg(name, '-') AS n FROM source.s;\nSELECT n FROM p",
      "'-'",
      "'+'",
    ],
    [
      'a quantile in a macro',
      'CREATE MACRO f(x) AS quantile_cont(x, 0.5);\nCREATE TABLE p AS SELECT f(amount) AS n FROM source.s;\nSELECT n FROM p',
      '0.5',
      '0.9',
    ],
    [
      'the first of two tables of one name',
      'CREATE TABLE p AS SELECT id FROM source.s;\nCREATE TABLE IF NOT EXISTS p AS SELECT 1 AS id;\nSELECT id FROM p',
      'SELECT id FROM s',
      'SELECT id + 1 AS id FROM s',
    ],
  ])('%s', async (_, sql, old, now) => {
    const changed = sql.replace(old, now);
    expect(changed).not.toBe(sql);
    expect((await analysed(changed)).fingerprint).not.toBe((await analysed(sql)).fingerprint);
  });
});

describe('objects of an earlier statement are visible only in their own node', () => {
  it('shares no macro with another node', async () => {
    await analysed('CREATE MACRO g(x) AS x + 1;\nSELECT g(id) AS id FROM source.s');
    await expect(analysed('SELECT g(id) AS id FROM source.s')).rejects.toThrow('g');
    expect((await analysed('CREATE MACRO g(x) AS x + 1;\nSELECT g(id) AS id FROM source.s')).notes).toEqual([]);
  });
});

describe('reads through objects of an earlier statement', () => {
  it('match columns by position if they are renamed', async () => {
    const sql = 'CREATE TABLE p(a, b) AS SELECT id, amount FROM source.s;\nSELECT b AS x FROM p';
    expect((await analysed(sql)).lineage.columns).toEqual([{ name: 'x', value: ['source.s.amount'], condition: [] }]);
  });
});
