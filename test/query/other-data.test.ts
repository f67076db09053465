import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryDatabase } from './database.ts';

const TABLES = {
  a: { id: 'INTEGER', x: 'DOUBLE', list: 'INTEGER[]' },
  b: { id: 'INTEGER', val: 'INTEGER', x: 'DOUBLE', name: 'VARCHAR' },
  c: { id: 'INTEGER' },
};

const DATA = [
  "INSERT INTO a VALUES (1, '-0.0', [1]), (2, 0.0, []), (3, '-0.0', NULL), (4, 5, [1, 2]), (9, 1, [3]), (NULL, NULL, [NULL])",
  "INSERT INTO b VALUES (1, NULL, 0.0, 'x'), (1, 3, '-0.0', 'x'), (3, 3, 2, 'y'), (3, 3, 2, 'y'), (NULL, NULL, NULL, NULL)",
  'INSERT INTO c VALUES (1), (3), (3), (9), (NULL)',
];

let database: QueryDatabase;
beforeAll(async () => {
  database = await QueryDatabase.open(TABLES, DATA);
});
afterAll(() => database.close());

/** Values as text, which distinguishes -0.0 and 0.0. */
async function data(sql: string): Promise<string> {
  const rows = await database.rows(`SELECT COLUMNS(*)::VARCHAR FROM (${sql})`);
  return JSON.stringify(rows.map(row => JSON.stringify(row)).sort());
}

/** Asserts that two queries give different data and have different fingerprints. */
async function expectApart(one: string, other: string): Promise<void> {
  expect(await data(one)).not.toBe(await data(other));
  expect((await database.analyse(one)).fingerprint).not.toBe((await database.analyse(other)).fingerprint);
}

describe('a term on the padded side of a join has another meaning outside the join', () => {
  it.each([
    [
      'SELECT a.id, y.v FROM a LEFT JOIN (SELECT id, coalesce(val, 0) AS v FROM b) y ON a.id = y.id',
      'SELECT a.id, coalesce(y.val, 0) AS v FROM a LEFT JOIN b y ON a.id = y.id',
    ],
    [
      'SELECT y.k FROM a LEFT JOIN (SELECT id, 1 AS k FROM b) y USING (id)',
      'SELECT 1 AS k FROM a LEFT JOIN b y USING (id)',
    ],
    [
      'SELECT y.k FROM (SELECT id, 1 AS k FROM b) y RIGHT JOIN a USING (id)',
      'SELECT 1 AS k FROM b RIGHT JOIN a USING (id)',
    ],
    [
      'SELECT y.k FROM (SELECT id, 1 AS k FROM a) y FULL JOIN c ON y.id = c.id',
      'SELECT 1 AS k FROM a FULL JOIN c ON a.id = c.id',
    ],
    [
      'SELECT y.k FROM a FULL JOIN (SELECT id, 1 AS k FROM c) y ON a.id = y.id',
      'SELECT 1 AS k FROM a FULL JOIN c ON a.id = c.id',
    ],
    [
      'SELECT l.k AS p, r.k AS q FROM (SELECT 1 AS k) l FULL JOIN (SELECT 1 AS k) r ON l.k > r.k',
      'SELECT l.k AS p, l.k AS q FROM (SELECT 1 AS k) l FULL JOIN (SELECT 1 AS k) r ON l.k > r.k',
    ],
    [
      'SELECT a.id, y.k FROM a LEFT JOIN (SELECT id, name IS NULL AS k FROM b) y ON a.id = y.id',
      'SELECT a.id, y.name IS NULL AS k FROM a LEFT JOIN b y ON a.id = y.id',
    ],
    [
      "SELECT y.k FROM a LEFT JOIN (SELECT id, CASE WHEN val > 1 THEN 'm' ELSE 'n' END AS k FROM b) y ON a.id = y.id",
      "SELECT CASE WHEN y.val > 1 THEN 'm' ELSE 'n' END AS k FROM a LEFT JOIN b y ON a.id = y.id",
    ],
    [
      "SELECT y.k FROM a LEFT JOIN (SELECT id, {'v': val} AS k FROM b) y ON a.id = y.id",
      "SELECT {'v': y.val} AS k FROM a LEFT JOIN b y ON a.id = y.id",
    ],
    [
      'SELECT a.id FROM a LEFT JOIN (SELECT id, id IS NULL AS k FROM c) y ON a.id = y.id WHERE y.k',
      'SELECT a.id FROM a LEFT JOIN c y ON a.id = y.id WHERE y.id IS NULL',
    ],
    [
      'SELECT a.id FROM a LEFT JOIN (SELECT id, coalesce(val, 0) AS k FROM b) y ON a.id = y.id WHERE y.k = 0',
      'SELECT a.id FROM a LEFT JOIN b y ON a.id = y.id WHERE coalesce(y.val, 0) = 0',
    ],
    [
      'SELECT a.id, y.k FROM a ASOF LEFT JOIN (SELECT id, 1 AS k FROM c WHERE id > 1) y ON a.id >= y.id WHERE a.id IS NOT NULL',
      'SELECT a.id, 1 AS k FROM a ASOF LEFT JOIN (SELECT id FROM c WHERE id > 1) y ON a.id >= y.id WHERE a.id IS NOT NULL',
    ],
    [
      'SELECT y.k FROM a POSITIONAL JOIN (SELECT 1 AS k FROM b WHERE val = 3) y',
      'SELECT 1 AS k FROM a POSITIONAL JOIN (SELECT 2 AS n FROM b WHERE val = 3) y',
    ],
    [
      'SELECT y.k FROM (SELECT 1 AS k FROM b WHERE val = 3) y POSITIONAL JOIN a',
      'SELECT 1 AS k FROM (SELECT 2 AS n FROM b WHERE val = 3) y POSITIONAL JOIN a',
    ],
    [
      'SELECT y.k FROM a LEFT JOIN LATERAL (SELECT 1 AS k FROM b WHERE b.id = a.id) y ON true',
      'SELECT 1 AS k FROM a LEFT JOIN LATERAL (SELECT val FROM b WHERE b.id = a.id) y ON true',
    ],
    [
      'SELECT y.k FROM a LEFT JOIN LATERAL (SELECT 1 AS k FROM unnest(a.list) AS u(u)) y ON true',
      'SELECT 1 AS k FROM a LEFT JOIN unnest(a.list) AS u(u) ON true',
    ],
    [
      'SELECT p.k FROM a LEFT JOIN (SELECT c.id, y.k FROM c LEFT JOIN (SELECT id, 1 AS k FROM b) y USING (id)) p USING (id)',
      'SELECT p.k FROM a LEFT JOIN (SELECT c.id, 1 AS k FROM c LEFT JOIN b y USING (id)) p USING (id)',
    ],
  ])('%s ≢ %s', expectApart);

  it('also for consumers', async () => {
    const seen = 'SELECT count(v) AS n FROM transform.m';
    await database.addNode('m', 'SELECT a.id, y.v FROM a LEFT JOIN (SELECT id, 7 AS v FROM b) y USING (id)');
    const inside = await database.analyse(seen);
    await database.addNode('m', 'SELECT a.id, 7 AS v FROM a LEFT JOIN b USING (id)');
    expect((await database.analyse(seen)).fingerprint).not.toBe(inside.fingerprint);
  });
});

describe('a row number within a frame is not a key', () => {
  it.each([
    [
      'SELECT DISTINCT val, row_number(ORDER BY val) OVER (ORDER BY val ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS r FROM b',
      'SELECT val, row_number(ORDER BY val) OVER (ORDER BY val ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS r FROM b',
    ],
    [
      'SELECT DISTINCT val, r FROM (SELECT val, row_number(ORDER BY id DESC) OVER (PARTITION BY val ORDER BY id) AS r FROM b)',
      'SELECT val, r FROM (SELECT val, row_number(ORDER BY id DESC) OVER (PARTITION BY val ORDER BY id) AS r FROM b)',
    ],
  ])('%s ≢ %s', expectApart);

  it('but one over the whole partition is', async () => {
    const numbered = 'val, row_number() OVER (PARTITION BY val ORDER BY id) AS r FROM b';
    const [one, other] = [
      await database.analyse(`SELECT ${numbered}`),
      await database.analyse(`SELECT DISTINCT ${numbered}`),
    ];
    expect(one.relation.rows).toBe(other.relation.rows);
  });
});

/** The number of distinct values in a volatile column is deterministic. */
const counted = (sql: string): string => `SELECT count(DISTINCT r) AS n FROM (${sql})`;

describe('a volatile call belongs to the rows on which it is evaluated', () => {
  it.each([
    ['SELECT DISTINCT random() AS r FROM b', 'SELECT DISTINCT random() AS r FROM (SELECT DISTINCT name FROM b)'],
    ['SELECT random() AS r FROM b GROUP BY 1', 'SELECT random() AS r FROM (SELECT DISTINCT name FROM b) GROUP BY 1'],
    [
      'SELECT random() AS r FROM b JOIN c USING (id)',
      'SELECT r FROM (SELECT id, random() AS r FROM b) JOIN c USING (id)',
    ],
    [
      'SELECT uuid() AS r FROM a LEFT JOIN b USING (id)',
      'SELECT y.r FROM a LEFT JOIN (SELECT id, uuid() AS r FROM b) y USING (id)',
    ],
    [
      'SELECT random() AS r FROM a CROSS JOIN unnest([1, 2]) AS u(u)',
      'SELECT r FROM (SELECT random() AS r FROM a) CROSS JOIN unnest([1, 2]) AS u(u)',
    ],
    [
      'SELECT random() AS r FROM (SELECT DISTINCT name FROM b) UNION SELECT random() AS r FROM c',
      'SELECT random() AS r FROM b UNION SELECT random() AS r FROM c',
    ],
    ['SELECT (SELECT random()) AS r FROM a', 'SELECT random() AS r FROM a'],
    [
      'SELECT list_transform([1], i -> random()) AS r FROM b JOIN c USING (id)',
      'SELECT r FROM (SELECT id, list_transform([1], i -> random()) AS r FROM b) JOIN c USING (id)',
    ],
  ])('%s ≢ %s', (one, other) => expectApart(counted(one), counted(other)));

  it('but a materialised query is evaluated once', async () => {
    const query = (how: string) =>
      `WITH z AS ${how} (SELECT id, random() AS r FROM c) SELECT p.id FROM z p JOIN z q USING (id) WHERE p.r = q.r`;
    await expectApart(query('MATERIALIZED'), query('NOT MATERIALIZED'));
  });

  it('two samples of one input are not the same rows', async () => {
    const twice =
      'SELECT id FROM (SELECT id FROM a USING SAMPLE 2 ROWS) UNION ALL SELECT id FROM (SELECT id FROM a USING SAMPLE 2 ROWS)';
    const shared =
      'WITH z AS MATERIALIZED (SELECT id FROM a USING SAMPLE 2 ROWS) SELECT id FROM z UNION ALL SELECT id FROM z';
    expect((await database.analyse(twice)).fingerprint).not.toBe((await database.analyse(shared)).fingerprint);
  });
});

describe('sorting and grouping determine the sign of zero', () => {
  it.each([
    ['SELECT id, x FROM a', 'SELECT id, x FROM (SELECT id, x FROM a ORDER BY x)'],
    ['SELECT id, x FROM a', 'SELECT id, x FROM (SELECT id, x, row_number() OVER (PARTITION BY x) AS n FROM a)'],
    ['SELECT id, x FROM a', 'SELECT id, x FROM (SELECT id, x, rank() OVER (ORDER BY x) AS n FROM a)'],
    [
      "SELECT id, x FROM (SELECT id, {'v': x} AS x FROM a)",
      "SELECT id, x FROM (SELECT id, {'v': x} AS x FROM a) ORDER BY x",
    ],
    ['SELECT id, [x] AS x FROM a', 'SELECT id, [x] AS x FROM a ORDER BY x'],
    [
      'SELECT a.id, a.x FROM a JOIN c USING (id)',
      'SELECT p.id, p.x FROM (SELECT id, x FROM a ORDER BY id, x) p JOIN c USING (id)',
    ],
    ['SELECT p AS x FROM (SELECT x, x AS p FROM a ORDER BY x)', 'SELECT x FROM (SELECT x, x AS p FROM a ORDER BY x)'],
    ['SELECT x FROM a UNION ALL SELECT x FROM b', '(SELECT x FROM a ORDER BY x) UNION ALL SELECT x FROM b'],
    [
      'SELECT signbit(x) AS s, count(*) AS n FROM a GROUP BY ALL',
      'SELECT signbit(x) AS s, count(*) AS n FROM (SELECT x FROM a ORDER BY x) GROUP BY ALL',
    ],
    ['SELECT 0.0::DOUBLE AS x INTERSECT SELECT x FROM a', 'SELECT x FROM a INTERSECT SELECT 0.0::DOUBLE AS x'],
    [
      'SELECT max(x) AS x FROM (FROM a WHERE x = 0 ORDER BY id)',
      'SELECT max(x) AS x FROM (FROM a WHERE x = 0 ORDER BY id = 2 DESC, id)',
    ],
  ])('%s ≢ %s', expectApart);

  it('of a union whose arms DuckDB runs in another order, as in a materialised query', async () => {
    const query = (from: string) => `SELECT -0.0::DOUBLE AS x FROM ${from} UNION SELECT x FROM a`;
    const kept = '(WITH w AS MATERIALIZED (SELECT id FROM c) SELECT id FROM w)';
    const [one, other] = [await database.analyse(query('c')), await database.analyse(query(kept))];
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });

  it('of a union, by the order of its arms', async () => {
    const arms = ['SELECT x FROM a WHERE x = 0', 'SELECT x FROM b WHERE x = 0'];
    const [one, other] = [
      await database.analyse(arms.join(' UNION ')),
      await database.analyse(arms.reverse().join(' UNION ')),
    ];
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });

  it.each([
    ['SELECT DISTINCT x FROM a', true],
    ['SELECT x, count(*) AS n FROM a GROUP BY x', true],
    ['SELECT x FROM a INTERSECT SELECT x FROM b', true],
    ['SELECT min(x) AS m FROM a', true],
    ['SELECT median(x) AS m FROM a', true],
    ['SELECT sum(x) AS s, avg(x) AS m, stddev(x) AS d, count(DISTINCT x) AS n FROM a', false],
    ['SELECT DISTINCT id FROM a WHERE x > 0', false],
    ['SELECT id, sum(x) AS s FROM a GROUP BY id ORDER BY s', false],
  ])('%s sees the order of rows: %s', async (sql, expected) => {
    const { reads } = await database.analyse(sql);
    expect(reads.some(read => read.order)).toBe(expected);
  });

  it('but not in columns that are not sorted by', async () => {
    const [one, other] = [
      await database.analyse('SELECT id, x FROM a'),
      await database.analyse('SELECT id, x FROM (SELECT * FROM a ORDER BY id)'),
    ];
    expect(other.relation.columns).toEqual(one.relation.columns);
  });
});

it('a window that looks ahead over unordered rows may repeat them, as in DuckDB', async () => {
  const join =
    'FROM (SELECT 1 AS k UNION ALL SELECT 1) p JOIN (SELECT 1 AS k, 2 AS v UNION ALL SELECT 1, 3) q USING (k)';
  const [one, other] = [
    await database.analyse(`SELECT v FROM (SELECT v, lead(v) OVER () AS n ${join})`),
    await database.analyse(`SELECT v ${join}`),
  ];
  expect(one.relation.rows).not.toBe(other.relation.rows);
});
