import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import { LiveProject, refusal } from '../changes/live-project.ts';
import { analyseModel } from '../changes/model-project.ts';

const COLUMNS = { id: 'INTEGER', name: 'VARCHAR', amount: 'DOUBLE', tags: 'INTEGER[]', ts: 'TIMESTAMP' };
const TABLES = [
  { id: 'source.s', name: 's', columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })) },
];

let session: AnalysisSession;
beforeAll(async () => {
  session = await AnalysisSession.open();
});
afterAll(() => session.close());

async function analysed(sql: string) {
  const model = { sources: ['source.s'], queries: { m: sql } };
  const tools = { session, tables: TABLES, answers: new Map() };
  const { versions, refused } = await analyseModel(tools, model, new AnalysisCache(null));
  const analysis = [...versions.values()].find(version => version.node.name === 'm')?.analysis;
  if (!analysis) throw new Error(refused.join('\n'));
  return analysis;
}

describe('evidence names unsupported constructs', () => {
  it.each([
    ['SELECT random() AS r, id FROM source.s', ['volatile random']],
    ['SELECT list_transform(tags, lambda x: x + random()) AS a FROM source.s', ['volatile random']],
    ['SELECT now() AS n, current_date AS d FROM source.s', ['volatile current_date', 'volatile now']],
    ['SELECT vector_type(id) AS v FROM source.s', ['volatile vector_type']],
    ['SELECT age(ts) AS a FROM source.s', ['volatile age']],
    ['SELECT id FROM source.s USING SAMPLE 3 ROWS', ['reads row order (SAMPLE)', 'volatile SAMPLE']],
    ['SELECT id FROM source.s LIMIT 2', ['reads row order (LIMIT)']],
    ['SELECT DISTINCT ON (id) id, name FROM source.s', ['reads row order (DISTINCT ON)']],
    ['SELECT a.id FROM source.s a POSITIONAL JOIN source.s b', ['reads row order (POSITIONAL JOIN)']],
    ["SELECT string_agg(name, ',') AS n FROM source.s", ['reads row order (string_agg)']],
    ['SELECT min(tags) AS t FROM source.s', ['reads row order (min)']],
    ['SELECT row_number() OVER (ORDER BY name) AS n FROM source.s', ['reads row order (row_number)']],
    ['SELECT rank() OVER (ORDER BY name) AS n FROM source.s', []],
    [
      'SELECT rank(ORDER BY name) OVER (ORDER BY amount ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM source.s',
      ['reads row order (rank)'],
    ],
    ['SELECT id, o FROM source.s, unnest(tags) WITH ORDINALITY t(u, o)', ['opaque LOGICAL_GET.ordinality_idx']],
    ['SELECT x FROM range(3) r(x)', ['table function range']],
  ])('%s', async (sql, notes) => {
    expect((await analysed(sql)).notes).toEqual(notes);
  });

  it('for a query that DuckDB cannot serialise; it reads all columns', async () => {
    const { notes, reads } = await analysed('SELECT finalize(sum(id) EXPORT_STATE) AS x FROM source.s');
    expect(notes).toEqual([expect.stringMatching(/^opaque /)]);
    expect(reads).toEqual([{ input: 'source.s', columns: Object.keys(COLUMNS).sort(), order: true }]);
  });
});

it('refuses an aggregate state, which cannot be stored', async () => {
  await expect(analysed('SELECT sum(id) EXPORT_STATE AS x FROM source.s')).rejects.toThrow('cannot be stored');
});

it('refuses a row id, which cannot be stored', async () => {
  await expect(analysed('SELECT rowid AS r FROM source.s')).rejects.toThrow("Column 'rowid'");
});

it('distinguishes queries that differ only in a name', async () => {
  const one = await analysed('SELECT alias(id) AS a FROM source.s');
  const other = await analysed('SELECT alias(x) AS a FROM (SELECT id AS x FROM source.s)');
  expect(one.fingerprint).not.toBe(other.fingerprint);
});

describe('a query that reads files itself is refused, with its position and a hint', () => {
  it.each([
    ["SELECT id FROM source.s\nJOIN read_csv('x.csv') USING (id)"],
    ["SELECT * FROM 'x.parquet'"],
    ["SELECT (SELECT content FROM read_text('x')) AS c"],
    ['SELECT * FROM information_schema.tables'],
    ["CREATE MACRO f() AS TABLE FROM glob('*');\nSELECT * FROM f()"],
    ["CREATE VIEW v AS FROM 'x.csv';\nSELECT * FROM v"],
  ])('%s', async sql => {
    const project = new LiveProject();
    try {
      project.write('data/s.csv', 'id\n1\n');
      project.write('seeknal/s.yml', 'kind: source\nname: s\nsource: csv\ntable: data/s.csv\n');
      project.setTransforms({ m: sql });
      const [first = ''] = await refusal(project.plan('dev'));
      expect(first).toMatch(/^transform\.m \d+:\d+ reads-by-itself|^transform\.m \d+:\d+ [a-z-]+: transform\.m reads/);
    } finally {
      project.remove();
    }
  });
});
