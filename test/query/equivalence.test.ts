import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryDatabase } from './database.ts';

const TABLES = {
  t: {
    id: 'INTEGER',
    name: 'VARCHAR',
    amount: 'DOUBLE',
    price: 'DECIMAL(18,2)',
    day: 'DATE',
    span: 'INTERVAL',
    list: 'INTEGER[]',
  },
  u: { id: 'INTEGER', label: 'VARCHAR' },
};

let database: QueryDatabase;
beforeAll(async () => {
  database = await QueryDatabase.open(TABLES);
});
afterAll(() => database.close());

const KEYED = '(SELECT id, max(label) AS label FROM u GROUP BY id)';

describe('means the same', () => {
  it.each([
    ['SELECT id FROM t WHERE amount > 20', 'SELECT id FROM t WHERE amount > 10 * 2'],
    ['SELECT id FROM t WHERE amount > 20', 'SELECT id FROM t WHERE 20.0 < amount'],
    ['SELECT id FROM t', 'SELECT id FROM t WHERE 1 = 1 AND 2 > 1'],
    ['SELECT id FROM t', 'SELECT id FROM t WHERE id = 3 OR true'],
    ['SELECT id FROM t WHERE id IN (1, 2)', 'SELECT id FROM t WHERE id = 2 OR id = 1'],
    ['SELECT id FROM t WHERE id NOT IN (1, 2)', 'SELECT id FROM t WHERE NOT (id = 1 OR id = 2)'],
    ['SELECT id FROM t WHERE id BETWEEN 1 AND 3', 'SELECT id FROM t WHERE 3 >= id AND id >= 1'],
    ['SELECT id FROM t WHERE NOT (id BETWEEN 1 AND 3)', 'SELECT id FROM t WHERE id < 1 OR id > 3'],
    ['SELECT id FROM t WHERE NOT (name IS NULL)', 'SELECT id FROM t WHERE name IS NOT NULL'],
    ['SELECT id FROM t WHERE NOT (NOT (id > 1))', 'SELECT id FROM t WHERE id > 1'],
    ['SELECT NOT (id > 1 AND amount < 2) AS b FROM t', 'SELECT id <= 1 OR amount >= 2 AS b FROM t'],
    ['SELECT amount + id AS x FROM t', 'SELECT id + amount AS x FROM t'],
    ["SELECT ifnull(name, 'x') AS n FROM t", "SELECT coalesce(name, 'x') AS n FROM t"],
    ['SELECT count(*) AS n FROM t', 'SELECT count(1) AS n FROM t'],
    ['SELECT id, name FROM t GROUP BY id, name', 'SELECT DISTINCT id, name FROM t'],
    [
      'SELECT DISTINCT id, n FROM (SELECT id, count(*) AS n FROM t GROUP BY id)',
      'SELECT id, count(*) AS n FROM t GROUP BY id',
    ],
    [
      'SELECT id FROM t WHERE id IN (SELECT id FROM u UNION SELECT id FROM t)',
      'SELECT id FROM t WHERE id IN (SELECT id FROM u UNION ALL SELECT id FROM t)',
    ],
    ['SELECT id FROM t WHERE id IN (SELECT DISTINCT id FROM u)', 'SELECT id FROM t WHERE id IN (SELECT id FROM u)'],
    ['SELECT t.id, u.label FROM t JOIN u ON t.id = u.id', 'SELECT t.id, u.label FROM u, t WHERE u.id = t.id'],
    ['SELECT t.id FROM t LEFT JOIN u ON t.id = u.id', 'SELECT t.id FROM u RIGHT JOIN t ON t.id = u.id'],
    [`SELECT t.id FROM t LEFT JOIN ${KEYED} k ON t.id = k.id`, 'SELECT t.id FROM t'],
    [
      'SELECT id FROM t WHERE id > 1 UNION ALL SELECT id FROM u',
      'SELECT id FROM u UNION ALL SELECT id FROM t WHERE id > 1',
    ],
    ['SELECT id FROM t', 'WITH z AS (SELECT random() AS r FROM u) SELECT id FROM t'],
    ['SELECT id, CAST(name AS VARCHAR) AS name FROM t', 'SELECT id, name FROM t'],
    ['SELECT day + INTERVAL 1 DAY AS d FROM t', 'SELECT INTERVAL 1 DAY + day AS d FROM t'],
    ['SELECT list_transform(list, x -> x + 1) AS l FROM t', 'SELECT list_transform(list, y -> y + 1) AS l FROM t'],
    ['FROM t SELECT id', 'SELECT a.id FROM source.t AS a'],
    ['SELECT id FROM t WHERE amount < 5', "SELECT id FROM t WHERE amount < '5'"],
    ['SELECT id FROM t WHERE amount < 5', 'SELECT id FROM t WHERE (amount < 5) = true AND (amount >= 5) <> true'],
    ['SELECT id FROM t WHERE amount < 5', 'SELECT id FROM t WHERE amount IS NOT NULL AND amount < 5'],
    ['SELECT id FROM t WHERE id IN (1, 2)', 'SELECT id FROM (SELECT * FROM t WHERE id IS NOT NULL) WHERE id IN (1, 2)'],
    ['SELECT t.id FROM t JOIN u USING (id)', 'SELECT t.id FROM t JOIN u USING (id) WHERE u.id IS NOT NULL'],
    ['SELECT id FROM t WHERE id > 0 AND id < 5', 'SELECT id FROM t WHERE id BETWEEN 1 AND 4'],
    ['SELECT id FROM t WHERE NOT (id > 0)', 'SELECT id FROM t WHERE 1 > id'],
    ['SELECT id FROM t WHERE id IN (SELECT id FROM u)', 'SELECT id FROM t SEMI JOIN u USING (id)'],
    ['SELECT id FROM t ORDER BY id LIMIT 3', 'SELECT id FROM t ORDER BY id LIMIT 3 OFFSET 0'],
    ['SELECT sum(id) AS s FROM t', 'SELECT sum(id) FILTER (WHERE true) AS s FROM t'],
    ['SELECT count(*) AS n FROM t', 'SELECT count(true) FILTER (WHERE true) AS n FROM t'],
    ['SELECT lag(name) OVER (ORDER BY id) AS n FROM t', 'SELECT lag(name, 1, NULL) OVER (ORDER BY id) AS n FROM t'],
    ['SELECT DISTINCT id FROM t', 'SELECT id FROM (SELECT DISTINCT id, name FROM t) GROUP BY id'],
    [
      'SELECT upper(name) AS n, avg(id) AS a FROM t GROUP BY 1',
      'SELECT ucase(name) AS n, mean(id) AS a FROM t GROUP BY 1',
    ],
    [
      'SELECT id, name, count(*) AS n FROM t GROUP BY ROLLUP (id, name)',
      'SELECT id, name, count(*) AS n FROM t GROUP BY GROUPING SETS ((), (name, id), (id))',
    ],
  ])('%s ≡ %s', async (one, other) => {
    expect((await database.analyse(one)).fingerprint).toBe((await database.analyse(other)).fingerprint);
  });
});

describe('does not mean the same', () => {
  it.each([
    ['SELECT list + [1] AS l FROM t', 'SELECT [1] + list AS l FROM t'],
    ['SELECT (amount + id) + price::DOUBLE AS x FROM t', 'SELECT amount + (id + price::DOUBLE) AS x FROM t'],
    ['SELECT id FROM t WHERE id = 1', 'SELECT id FROM t WHERE id IS NOT DISTINCT FROM 1'],
    ['SELECT id::BIGINT AS id FROM t', 'SELECT id FROM t'],
    ['SELECT id AS a FROM t', 'SELECT id AS b FROM t'],
    ['SELECT id, name FROM t', 'SELECT name, id FROM t'],
    ['SELECT id FROM t ORDER BY id', 'SELECT id FROM t ORDER BY id DESC'],
    ['SELECT id FROM t LIMIT 1', 'SELECT id FROM t LIMIT 2'],
    ['SELECT id FROM t LIMIT 0', 'SELECT id FROM t'],
    ['SELECT amount < 5 AS b FROM t', 'SELECT amount < 5 AND amount IS NOT NULL AS b FROM t'],
    [
      'SELECT id FROM t WHERE amount < 5 OR name = name',
      'SELECT id FROM t WHERE (amount < 5 OR name = name) AND amount IS NOT NULL',
    ],
    [
      'SELECT id FROM t WHERE amount IS NOT DISTINCT FROM price',
      'SELECT id FROM t WHERE amount IS NOT DISTINCT FROM price AND price IS NOT NULL',
    ],
    [
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id',
      'SELECT t.id FROM t LEFT JOIN u ON t.id = u.id WHERE u.id IS NOT NULL',
    ],
    ['SELECT id FROM t WHERE amount > 0', 'SELECT id FROM t WHERE amount >= 1'],
    ['SELECT id FROM t WHERE price > 0', 'SELECT id FROM t WHERE price >= 1'],
    ['SELECT id FROM t WHERE id > 2147483647', 'SELECT id FROM t WHERE id >= 2147483647'],
    [
      'SELECT id FROM t WHERE id NOT IN (SELECT id FROM u)',
      'SELECT id FROM t WHERE NOT id = ANY (SELECT id + 1 FROM u)',
    ],
    ['SELECT count(*) AS n FROM t', "SELECT count('x'::INTEGER) AS n FROM t"],
    ['SELECT lag(name, 2) OVER (ORDER BY id) AS n FROM t', 'SELECT lag(name) OVER (ORDER BY id) AS n FROM t'],
    [
      'SELECT count(*) AS n FROM (SELECT DISTINCT id FROM t)',
      'SELECT count(*) AS n FROM (SELECT DISTINCT id, name FROM t)',
    ],
    ["SELECT id FROM t WHERE name = '1'", "SELECT id FROM t WHERE name = '01'"],
    ["SELECT '1'::DOUBLE AS x", "SELECT '1'::DECIMAL(3,1) AS x"],
    ['SELECT count(*) AS n FROM t', "SELECT count(TRY_CAST('x' AS INTEGER)) AS n FROM t"],
    ['SELECT count(name) AS n FROM t', 'SELECT count(*) AS n FROM t'],
    ['SELECT t.id FROM t LEFT JOIN u ON t.id = u.id', 'SELECT t.id FROM t'],
    [`SELECT t.id FROM t LEFT JOIN ${KEYED} k ON t.id < k.id`, 'SELECT t.id FROM t'],
    [`SELECT t.id FROM t JOIN ${KEYED} k ON t.id = k.id`, 'SELECT t.id FROM t'],
    ['SELECT id FROM t WHERE id NOT IN (SELECT id FROM u)', 'SELECT id FROM t ANTI JOIN u USING (id)'],
    ['SELECT id FROM t UNION SELECT id FROM u', 'SELECT id FROM t UNION ALL SELECT id FROM u'],
    ['SELECT l.id FROM t l JOIN t r ON l.id = r.price', 'SELECT r.id FROM t l JOIN t r ON l.id = r.price'],
    [
      'SELECT id, a FROM (SELECT id, random() AS a FROM t) WHERE a = a',
      'SELECT id, a FROM (SELECT id, random() AS a FROM t) WHERE a = random()',
    ],
    [
      'SELECT x, count(*) AS n FROM (SELECT id AS x, id AS y FROM t) GROUP BY ROLLUP (x, y)',
      'SELECT y AS x, count(*) AS n FROM (SELECT id AS x, id AS y FROM t) GROUP BY ROLLUP (x, y)',
    ],
    [
      'SELECT grouping(x) AS g FROM (SELECT id AS x, id AS y FROM t) GROUP BY ROLLUP (x, y)',
      'SELECT grouping(y) AS g FROM (SELECT id AS x, id AS y FROM t) GROUP BY ROLLUP (x, y)',
    ],
    ["SELECT string_agg(name, ',') AS s FROM t", "SELECT string_agg(name, ';') AS s FROM t"],
    ['SELECT quantile_cont(amount, 0.5) OVER () AS q FROM t', 'SELECT quantile_cont(amount, 0.25) OVER () AS q FROM t'],
    ['SELECT 0.30000000000000004::DOUBLE AS x', 'SELECT 0.30000000000000005::DOUBLE AS x'],
    ['SELECT 9007199254740993 AS x', 'SELECT 9007199254740992 AS x'],
    ['SELECT 1.10 AS x', 'SELECT 1.1 AS x'],
    ['SELECT -0.0::DOUBLE AS x', 'SELECT 0.0::DOUBLE AS x'],
    [
      'SELECT list_transform(list, x -> x::JSON) AS l FROM t',
      'SELECT list_transform(list, x -> x::VARCHAR) AS l FROM t',
    ],
    ['SELECT list_transform(list, (x, i) -> x) AS l FROM t', 'SELECT list_transform(list, (x, i) -> i) AS l FROM t'],
    [
      'SELECT id, (SELECT max(label) FROM u WHERE u.id = t.id) AS m FROM t',
      'SELECT id, (SELECT max(label) FROM u WHERE u.id < t.id) AS m FROM t',
    ],
    ['SELECT min(id) FILTER (WHERE id > 1) AS m FROM t', 'SELECT min(id) AS m FROM t WHERE id > 1'],
    [
      'SELECT id FROM t WHERE name IN (SELECT label FROM u LIMIT 1)',
      'SELECT id FROM t WHERE name IN (SELECT label FROM u)',
    ],
  ])('%s ≢ %s', async (one, other) => {
    expect((await database.analyse(one)).fingerprint).not.toBe((await database.analyse(other)).fingerprint);
  });
});

describe('row order of inputs', () => {
  it.each([
    ['SELECT id FROM t LIMIT 2', true],
    ['SELECT id FROM t ORDER BY id', false],
    ['SELECT id FROM t ORDER BY id LIMIT 2', true],
    ['SELECT id, count(*) AS n FROM t GROUP BY id ORDER BY id LIMIT 2', false],
    ['SELECT id, count(*) AS n FROM t GROUP BY id ORDER BY n LIMIT 2', true],
    ['SELECT DISTINCT id FROM t ORDER BY id LIMIT 1 OFFSET 2', false],
    ['SELECT DISTINCT ON (id) id, name FROM t ORDER BY id, name', true],
    ['SELECT first(id) AS f FROM t', true],
    ['SELECT list(id) AS f FROM t', true],
    ["SELECT string_agg(name, ',' ORDER BY name) AS f FROM t", false],
    ['SELECT list(id ORDER BY name) AS f FROM t', true],
    ["SELECT string_agg(name, ',') AS s FROM t", true],
    ['SELECT arg_max(name, id) AS f FROM t', true],
    ['SELECT max(name) AS m, sum(id) AS s, count(DISTINCT id) AS n, median(price) AS d FROM t', false],
    ['SELECT max(span) AS m FROM t', true],
    ['SELECT id, sum(price) OVER (PARTITION BY name ORDER BY day) AS s FROM t', false],
    ['SELECT id, sum(price) OVER (ORDER BY day ROWS 1 PRECEDING) AS s FROM t', true],
    ['SELECT id, rank() OVER (ORDER BY day) AS r FROM t', false],
    ['SELECT id, row_number() OVER (ORDER BY day) AS r FROM t', true],
    ['SELECT id, row_number() OVER (ORDER BY id) AS r FROM (SELECT DISTINCT id FROM t)', false],
    ['SELECT t.id, u.label FROM t POSITIONAL JOIN u', true],
    ['SELECT id FROM t USING SAMPLE 3 ROWS', true],
    ['SELECT rowid AS r FROM t', true],
    ['SELECT id FROM t WHERE amount > (SELECT id FROM u)', false],
    ["SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE label = 'a')", false],
    ['SELECT t.id, x FROM t, UNNEST(t.list) AS l(x)', false],
    ['SELECT span FROM t GROUP BY span', true],
    ['SELECT name FROM t EXCEPT ALL SELECT label FROM u', false],
    ['SELECT name COLLATE NOCASE AS n FROM t EXCEPT ALL SELECT label COLLATE NOCASE FROM u', true],
    ['SELECT max(n) AS n FROM (SELECT name COLLATE NOCASE AS n FROM t)', true],
    ['SELECT id, first(name) AS f FROM (SELECT DISTINCT id, name FROM t) GROUP BY id, name', false],
    ['SELECT id, first(name) AS f FROM (SELECT DISTINCT id, name FROM t) GROUP BY ROLLUP (id, name)', true],
    ['SELECT id, name FROM t QUALIFY row_number() OVER (PARTITION BY id ORDER BY day) = 1 ORDER BY id LIMIT 3', true],
  ])('%s: %s', async (sql, expected) => {
    const { reads, notes } = await database.analyse(sql);
    expect(reads.some(read => read.order)).toBe(expected);
    expect(notes.some(note => note.startsWith('reads row order'))).toBe(expected);
  });
});

describe('evidence', () => {
  it.each([
    ['SELECT random() AS r, id FROM t', ['volatile random'], { columns: ['r'], rows: false }],
    ['SELECT id FROM t WHERE day < current_date', ['volatile current_date'], { columns: ['id'], rows: true }],
    [
      'SELECT list_transform(list, x -> x + random()) AS r, id FROM t',
      ['volatile random'],
      { columns: ['r'], rows: false },
    ],
    ['SELECT i FROM range(3) r(i)', ['table function range'], { columns: [], rows: false }],
    ['SELECT id FROM t WHERE id = $1', ['opaque BOUND_PARAMETER'], { columns: [], rows: false }],
  ])('%s', async (sql, notes, volatile) => {
    const analysis = await database.analyse(sql);
    expect(analysis.notes).toEqual(notes);
    expect(analysis.volatile).toEqual(volatile);
  });

  it.each([
    ['SELECT * FROM duckdb_tables()', { what: 'table function', name: 'duckdb_tables' }],
    ["SELECT * FROM glob('*')", { what: 'table function', name: 'glob' }],
    [
      'SELECT id FROM t WHERE name IN (SELECT table_name FROM information_schema.tables)',
      { what: 'table function', name: 'duckdb_tables' },
    ],
  ])('refuses %s', async (sql, refusal) => {
    expect((await database.analyse(sql)).refused).toContainEqual(refusal);
  });
});
