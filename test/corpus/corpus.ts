/** Tables that the corpus reads, in schema `source`. */
export const CORPUS_TABLES = {
  orders: {
    id: 'BIGINT',
    cid: 'BIGINT',
    amt: 'DECIMAL(18,2)',
    st: 'VARCHAR',
    ts: 'TIMESTAMP',
    items: 'STRUCT(sku VARCHAR, qty INTEGER)[]',
    addr: 'STRUCT(city VARCHAR, geo STRUCT(lat DOUBLE, lon DOUBLE))',
    tags: 'VARCHAR[]',
    attrs: 'MAP(VARCHAR, VARCHAR)',
    js: 'JSON',
  },
  customers: {
    cid: 'BIGINT',
    name: 'VARCHAR',
    country: 'VARCHAR',
    seg: 'VARCHAR',
    upd: 'TIMESTAMP',
    Order: 'INTEGER',
  },
  prices: {
    sku: 'VARCHAR',
    ts: 'TIMESTAMP',
    price: 'DOUBLE',
  },
  sales: {
    region: 'VARCHAR',
    q1: 'INTEGER',
    q2: 'INTEGER',
    q3: 'INTEGER',
    yr: 'INTEGER',
  },
  emp: {
    id: 'INTEGER',
    mgr: 'INTEGER',
    nm: 'VARCHAR',
  },
};

export const CORPUS_MACROS = [
  'CREATE MACRO source.dbl(x) AS x * 2',
  'CREATE MACRO source.by_status(s) AS TABLE SELECT id, amt FROM source.orders WHERE st = s',
];

/** `value` is exact; `condition` may be less (what the expression names but the plan does without); `influence` is all that decides the result beside the values. */
export interface CorpusQuery {
  readonly name: string;
  readonly sql: string;
  readonly columns: Readonly<Record<string, { readonly value: string; readonly condition: string }>>;
  readonly influence: string;
}

/** Queries with lineage checked by hand; columns as `table.column`, separated by spaces. */
export const CORPUS: readonly CorpusQuery[] = [
  {
    name: 'qualify',
    sql: 'SELECT id, cid FROM orders QUALIFY row_number() OVER (PARTITION BY cid ORDER BY ts DESC) = 1',
    columns: { id: { value: 'orders.id', condition: '' }, cid: { value: 'orders.cid', condition: '' } },
    influence: 'orders.cid orders.ts',
  },
  {
    name: 'window_value',
    sql: 'SELECT id, sum(amt) OVER (PARTITION BY cid ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS r, lag(st) OVER w AS pst FROM orders WINDOW w AS (PARTITION BY cid ORDER BY id)',
    columns: {
      id: { value: 'orders.id', condition: '' },
      r: { value: 'orders.amt', condition: 'orders.cid orders.ts' },
      pst: { value: 'orders.st', condition: 'orders.cid orders.id' },
    },
    influence: '',
  },
  {
    name: 'row_number',
    sql: 'SELECT row_number() OVER (PARTITION BY country ORDER BY upd) AS rn FROM customers',
    columns: { rn: { value: '', condition: 'customers.country customers.upd' } },
    influence: '',
  },
  {
    name: 'corr_scalar_sub',
    sql: `SELECT c.name, (SELECT max(o.amt) FROM orders o WHERE o.cid = c.cid AND o.st = 'ok') AS mx FROM customers c`,
    columns: {
      name: { value: 'customers.name', condition: '' },
      mx: { value: 'orders.amt', condition: 'orders.cid orders.st customers.cid' },
    },
    influence: 'orders.cid orders.st customers.cid',
  },
  {
    name: 'corr_exists',
    sql: 'SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.cid = c.cid AND o.amt > 10)',
    columns: { name: { value: 'customers.name', condition: '' } },
    influence: 'orders.cid customers.cid orders.amt',
  },
  {
    name: 'corr_exists_value',
    sql: 'SELECT name, EXISTS (SELECT 1 FROM orders o WHERE o.cid = c.cid) AS has FROM customers c',
    columns: {
      name: { value: 'customers.name', condition: '' },
      has: { value: '', condition: 'orders.cid customers.cid' },
    },
    influence: '',
  },
  {
    name: 'corr_in_value',
    sql: 'SELECT seg IN (SELECT st FROM orders o WHERE o.cid = c.cid) AS has FROM customers c',
    columns: { has: { value: 'customers.seg orders.st', condition: 'orders.cid customers.cid' } },
    influence: '',
  },
  {
    name: 'corr_first_by_order',
    sql: 'SELECT name, (SELECT st FROM orders o WHERE o.cid = c.cid ORDER BY ts DESC LIMIT 1) AS st FROM customers c',
    columns: {
      name: { value: 'customers.name', condition: '' },
      st: { value: 'orders.st', condition: 'orders.cid customers.cid orders.ts' },
    },
    influence: '',
  },
  {
    name: 'in_subquery',
    sql: `SELECT id FROM orders WHERE cid IN (SELECT cid FROM customers WHERE country = 'ID')`,
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: 'orders.cid customers.cid customers.country',
  },
  {
    name: 'cte_shadow',
    sql: `WITH orders AS (SELECT id, amt * 2 AS amt FROM orders WHERE st = 'x') SELECT id, amt FROM orders`,
    columns: { id: { value: 'orders.id', condition: '' }, amt: { value: 'orders.amt', condition: '' } },
    influence: 'orders.st',
  },
  {
    name: 'cte_nested_shadow',
    sql: 'WITH t AS (SELECT cid AS k FROM customers) SELECT k, n FROM (WITH t AS (SELECT id AS n FROM orders) SELECT n FROM t) u JOIN t ON t.k = u.n',
    columns: { k: { value: 'customers.cid', condition: '' }, n: { value: 'orders.id', condition: '' } },
    influence: 'customers.cid orders.id',
  },
  {
    name: 'using_join',
    sql: 'SELECT cid, name, amt FROM orders JOIN customers USING (cid)',
    columns: {
      cid: { value: 'orders.cid', condition: 'customers.cid' },
      name: { value: 'customers.name', condition: '' },
      amt: { value: 'orders.amt', condition: '' },
    },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'using_full',
    sql: 'SELECT cid, amt FROM orders FULL JOIN customers USING (cid)',
    columns: { cid: { value: 'orders.cid customers.cid', condition: '' }, amt: { value: 'orders.amt', condition: '' } },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'using_right',
    sql: 'SELECT cid, amt FROM orders RIGHT JOIN customers USING (cid)',
    columns: { cid: { value: 'customers.cid', condition: 'orders.cid' }, amt: { value: 'orders.amt', condition: '' } },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'natural_join',
    sql: 'SELECT * FROM (SELECT cid, amt FROM orders) NATURAL JOIN (SELECT cid, name FROM customers)',
    columns: {
      cid: { value: 'orders.cid', condition: 'customers.cid' },
      amt: { value: 'orders.amt', condition: '' },
      name: { value: 'customers.name', condition: '' },
    },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'lateral_alias',
    sql: 'SELECT amt * 2 AS d, d + id AS e, upper(st) AS st2 FROM orders WHERE d > 5',
    columns: {
      d: { value: 'orders.amt', condition: '' },
      e: { value: 'orders.amt orders.id', condition: '' },
      st2: { value: 'orders.st', condition: '' },
    },
    influence: 'orders.amt',
  },
  {
    name: 'alias_shadow_col',
    sql: 'SELECT id AS amt, amt AS x FROM orders',
    columns: { amt: { value: 'orders.id', condition: '' }, x: { value: 'orders.amt', condition: '' } },
    influence: '',
  },
  {
    name: 'star_exclude',
    sql: 'SELECT * EXCLUDE (seg, upd, "Order") FROM customers',
    columns: {
      cid: { value: 'customers.cid', condition: '' },
      name: { value: 'customers.name', condition: '' },
      country: { value: 'customers.country', condition: '' },
    },
    influence: '',
  },
  {
    name: 'star_replace',
    sql: 'SELECT * REPLACE (upper(name) || country AS name) FROM customers',
    columns: {
      cid: { value: 'customers.cid', condition: '' },
      name: { value: 'customers.name customers.country', condition: '' },
      country: { value: 'customers.country', condition: '' },
      seg: { value: 'customers.seg', condition: '' },
      upd: { value: 'customers.upd', condition: '' },
      Order: { value: 'customers.Order', condition: '' },
    },
    influence: '',
  },
  {
    name: 'star_rename',
    sql: 'SELECT * RENAME (nm AS full_name) FROM emp',
    columns: {
      id: { value: 'emp.id', condition: '' },
      mgr: { value: 'emp.mgr', condition: '' },
      full_name: { value: 'emp.nm', condition: '' },
    },
    influence: '',
  },
  {
    name: 'columns_regex',
    sql: `SELECT COLUMNS('^q[12]') + 1 FROM sales`,
    columns: { q1: { value: 'sales.q1', condition: '' }, q2: { value: 'sales.q2', condition: '' } },
    influence: '',
  },
  {
    name: 'columns_lambda',
    sql: `SELECT yr, max(COLUMNS(c -> c LIKE 'q%')) FROM sales GROUP BY yr`,
    columns: {
      yr: { value: 'sales.yr', condition: '' },
      q1: { value: 'sales.q1', condition: '' },
      q2: { value: 'sales.q2', condition: '' },
      q3: { value: 'sales.q3', condition: '' },
    },
    influence: 'sales.yr',
  },
  {
    name: 'columns_unpack',
    sql: `SELECT greatest(*COLUMNS('q.')) AS g FROM sales`,
    columns: { g: { value: 'sales.q1 sales.q2 sales.q3', condition: '' } },
    influence: '',
  },
  {
    name: 'struct_field',
    sql: `SELECT addr.city AS city, o.addr.geo.lat AS lat, addr['city'] AS c2 FROM orders o`,
    columns: {
      city: { value: 'orders.addr', condition: '' },
      lat: { value: 'orders.addr', condition: '' },
      c2: { value: 'orders.addr', condition: '' },
    },
    influence: '',
  },
  {
    name: 'struct_star',
    sql: 'SELECT addr.* FROM orders',
    columns: { city: { value: 'orders.addr', condition: '' }, geo: { value: 'orders.addr', condition: '' } },
    influence: '',
  },
  {
    name: 'unnest_select',
    sql: 'SELECT id, unnest(tags) AS tag FROM orders',
    columns: { id: { value: 'orders.id', condition: '' }, tag: { value: 'orders.tags', condition: '' } },
    influence: 'orders.tags',
  },
  {
    name: 'unnest_from',
    sql: 'SELECT o.id, i.item.sku AS sku, i.item.qty * o.amt AS v FROM orders o, UNNEST(o.items) AS i(item)',
    columns: {
      id: { value: 'orders.id', condition: '' },
      sku: { value: 'orders.items', condition: '' },
      v: { value: 'orders.items orders.amt', condition: '' },
    },
    influence: 'orders.items',
  },
  {
    name: 'unnest_recursive',
    sql: 'SELECT id, unnest(addr, recursive := true) FROM orders',
    columns: {
      id: { value: 'orders.id', condition: '' },
      city: { value: 'orders.addr', condition: '' },
      lat: { value: 'orders.addr', condition: '' },
      lon: { value: 'orders.addr', condition: '' },
    },
    influence: '',
  },
  {
    name: 'pivot_in',
    sql: 'PIVOT (SELECT region, yr, q1 FROM sales) ON yr IN (2023, 2024) USING sum(q1) GROUP BY region',
    columns: {
      '2023': { value: 'sales.q1', condition: 'sales.yr' },
      '2024': { value: 'sales.q1', condition: 'sales.yr' },
      region: { value: 'sales.region', condition: '' },
    },
    influence: 'sales.yr sales.region',
  },
  {
    name: 'unpivot',
    sql: 'UNPIVOT sales ON q1, q2 INTO NAME quarter VALUE v',
    columns: {
      region: { value: 'sales.region', condition: '' },
      q3: { value: 'sales.q3', condition: '' },
      yr: { value: 'sales.yr', condition: '' },
      quarter: { value: '', condition: 'sales.q1 sales.q2' },
      v: { value: 'sales.q1 sales.q2', condition: '' },
    },
    influence: 'sales.q1 sales.q2',
  },
  {
    name: 'union_by_name',
    sql: 'SELECT id, st AS s FROM orders UNION ALL BY NAME SELECT name AS s, cid AS id, country FROM customers',
    columns: {
      id: { value: 'orders.id customers.cid', condition: '' },
      s: { value: 'orders.st customers.name', condition: '' },
      country: { value: 'customers.country', condition: '' },
    },
    influence: '',
  },
  {
    name: 'union_distinct',
    sql: `SELECT cid FROM orders UNION SELECT cid FROM customers WHERE seg = 'a'`,
    columns: { cid: { value: 'orders.cid customers.cid', condition: '' } },
    influence: 'customers.seg orders.cid customers.cid',
  },
  {
    name: 'except',
    sql: 'SELECT cid FROM orders EXCEPT SELECT cid FROM customers',
    columns: { cid: { value: 'orders.cid', condition: 'customers.cid' } },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'asof',
    sql: 'SELECT o.id, p.price FROM orders o ASOF JOIN prices p ON o.st = p.sku AND o.ts >= p.ts',
    columns: { id: { value: 'orders.id', condition: '' }, price: { value: 'prices.price', condition: '' } },
    influence: 'orders.st prices.sku orders.ts prices.ts',
  },
  {
    name: 'group_all',
    sql: 'SELECT country, seg, count(*) AS n, max(upd) AS u FROM customers GROUP BY ALL ORDER BY ALL',
    columns: {
      country: { value: 'customers.country', condition: '' },
      seg: { value: 'customers.seg', condition: '' },
      n: { value: '', condition: '' },
      u: { value: 'customers.upd', condition: '' },
    },
    influence: 'customers.country customers.seg',
  },
  {
    name: 'semi_join',
    sql: 'SELECT name FROM customers SEMI JOIN orders ON customers.cid = orders.cid AND orders.amt > 5',
    columns: { name: { value: 'customers.name', condition: '' } },
    influence: 'customers.cid orders.cid orders.amt',
  },
  {
    name: 'anti_join',
    sql: 'SELECT name FROM customers ANTI JOIN orders USING (cid)',
    columns: { name: { value: 'customers.name', condition: '' } },
    influence: 'customers.cid orders.cid',
  },
  {
    name: 'lateral_join',
    sql: 'SELECT c.name, x.tot FROM customers c, LATERAL (SELECT sum(amt) AS tot FROM orders o WHERE o.cid = c.cid) x',
    columns: {
      name: { value: 'customers.name', condition: '' },
      tot: { value: 'orders.amt', condition: 'orders.cid customers.cid' },
    },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'recursive_cte',
    sql: `WITH RECURSIVE h AS (SELECT id, mgr, nm, 0 AS lvl FROM emp WHERE mgr IS NULL UNION ALL SELECT e.id, e.mgr, h.nm || '/' || e.nm, h.lvl + 1 FROM emp e JOIN h ON e.mgr = h.id AND h.lvl < 4) SELECT id, nm, lvl FROM h`,
    columns: {
      id: { value: 'emp.id', condition: '' },
      nm: { value: 'emp.nm', condition: '' },
      lvl: { value: '', condition: '' },
    },
    influence: 'emp.mgr emp.id',
  },
  {
    name: 'values_join',
    sql: `SELECT v.label, o.amt FROM orders o JOIN (VALUES ('a', 'Alpha'), ('b', 'Beta')) v(code, label) ON o.st = v.code`,
    columns: { label: { value: '', condition: '' }, amt: { value: 'orders.amt', condition: '' } },
    influence: 'orders.st',
  },
  {
    name: 'table_function',
    sql: 'SELECT g.i, o.id FROM range(0, 3) g(i), orders o WHERE o.id = g.i',
    columns: { i: { value: '', condition: '' }, id: { value: 'orders.id', condition: '' } },
    influence: 'orders.id',
  },
  {
    name: 'macro_scalar',
    sql: 'SELECT dbl(amt) AS d FROM orders',
    columns: { d: { value: 'orders.amt', condition: '' } },
    influence: '',
  },
  {
    name: 'macro_table',
    sql: `SELECT * FROM by_status('ok')`,
    columns: { id: { value: 'orders.id', condition: '' }, amt: { value: 'orders.amt', condition: '' } },
    influence: 'orders.st',
  },
  {
    name: 'nested_sub',
    sql: `SELECT y FROM (SELECT x + 1 AS y, z FROM (SELECT amt AS x, ts AS z, st FROM orders) a WHERE st <> 'q') b`,
    columns: { y: { value: 'orders.amt', condition: '' } },
    influence: 'orders.st',
  },
  {
    name: 'where_only',
    sql: `SELECT id FROM orders WHERE st = 'x' AND ts > TIMESTAMP '2024-02-02'`,
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: 'orders.st orders.ts',
  },
  {
    name: 'join_key_only',
    sql: 'SELECT o.id FROM orders o LEFT JOIN customers c ON o.cid = c.cid',
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'having',
    sql: 'SELECT cid, count(*) AS n FROM orders GROUP BY cid HAVING sum(amt) > 100',
    columns: { cid: { value: 'orders.cid', condition: '' }, n: { value: '', condition: '' } },
    influence: 'orders.cid orders.amt',
  },
  {
    name: 'distinct_on',
    sql: 'SELECT DISTINCT ON (cid) cid, st FROM orders ORDER BY cid, ts DESC',
    columns: { cid: { value: 'orders.cid', condition: '' }, st: { value: 'orders.st', condition: '' } },
    influence: 'orders.cid orders.ts',
  },
  {
    name: 'agg_filter',
    sql: `SELECT count(*) FILTER (WHERE st = 'x') AS n, sum(amt) FILTER (ts > DATE '2020-01-01') AS s FROM orders`,
    columns: { n: { value: '', condition: 'orders.st' }, s: { value: 'orders.amt', condition: 'orders.ts' } },
    influence: '',
  },
  {
    name: 'agg_order',
    sql: 'SELECT cid, list(st ORDER BY ts) AS l, arg_max(st, amt) AS am FROM orders GROUP BY 1',
    columns: {
      cid: { value: 'orders.cid', condition: '' },
      l: { value: 'orders.st', condition: 'orders.ts' },
      am: { value: 'orders.st orders.amt', condition: '' },
    },
    influence: 'orders.cid',
  },
  {
    name: 'list_comp',
    sql: 'SELECT id, [upper(t) || st FOR t IN tags IF t <> st] AS l FROM orders',
    columns: { id: { value: 'orders.id', condition: '' }, l: { value: 'orders.tags orders.st', condition: '' } },
    influence: '',
  },
  {
    name: 'lambda_capture',
    sql: 'SELECT list_transform(tags, lambda t : t || id) AS l FROM orders',
    columns: { l: { value: 'orders.tags orders.id', condition: '' } },
    influence: '',
  },
  {
    name: 'lambda_shadow',
    sql: 'SELECT list_transform(tags, lambda st : upper(st)) AS l FROM orders',
    columns: { l: { value: 'orders.tags', condition: '' } },
    influence: '',
  },
  {
    name: 'struct_map_lit',
    sql: `SELECT {'a': id, 'b': MAP {st: amt}} AS s, struct_pack(z := ts) AS sp FROM orders`,
    columns: {
      s: { value: 'orders.id orders.st orders.amt', condition: '' },
      sp: { value: 'orders.ts', condition: '' },
    },
    influence: '',
  },
  {
    name: 'positional',
    sql: 'SELECT nm, price FROM emp POSITIONAL JOIN prices',
    columns: { nm: { value: 'emp.nm', condition: '' }, price: { value: 'prices.price', condition: '' } },
    influence: '',
  },
  {
    name: 'star_cte_union',
    sql: 'WITH u AS (SELECT id, nm FROM emp UNION ALL SELECT cid, name FROM customers) SELECT * FROM u WHERE id > 1',
    columns: {
      id: { value: 'emp.id customers.cid', condition: '' },
      nm: { value: 'emp.nm customers.name', condition: '' },
    },
    influence: 'emp.id customers.cid',
  },
  {
    name: 'quoted_ident',
    sql: 'SELECT "Order", "name" AS "My Name" FROM customers WHERE "ORDER" > 3',
    columns: {
      Order: { value: 'customers.Order', condition: '' },
      'My Name': { value: 'customers.name', condition: '' },
    },
    influence: 'customers.Order',
  },
  {
    name: 'case_insens',
    sql: 'SELECT ID, Amt, O.St FROM ORDERS o',
    columns: {
      id: { value: 'orders.id', condition: '' },
      amt: { value: 'orders.amt', condition: '' },
      st: { value: 'orders.st', condition: '' },
    },
    influence: '',
  },
  {
    name: 'reserved_alias',
    sql: 'SELECT "Order" AS "select", cid AS "group" FROM customers ORDER BY "select"',
    columns: { select: { value: 'customers.Order', condition: '' }, group: { value: 'customers.cid', condition: '' } },
    influence: 'customers.Order',
  },
  {
    name: 'casts',
    sql: 'SELECT id::VARCHAR || st AS k, TRY_CAST(st AS INT) AS n, amt::DOUBLE::INT AS i FROM orders',
    columns: {
      k: { value: 'orders.id orders.st', condition: '' },
      n: { value: 'orders.st', condition: '' },
      i: { value: 'orders.amt', condition: '' },
    },
    influence: '',
  },
  {
    name: 'intervals',
    sql: `SELECT ts + INTERVAL 1 DAY AS nxt, ts + INTERVAL (id) HOUR AS n2, date_trunc('month', ts) AS m FROM orders`,
    columns: {
      nxt: { value: 'orders.ts', condition: '' },
      n2: { value: 'orders.ts orders.id', condition: '' },
      m: { value: 'orders.ts', condition: '' },
    },
    influence: '',
  },
  {
    name: 'regex',
    sql: `SELECT regexp_extract(st, '(a)(b)', 1) AS g, st ~ 'x' AS b, st SIMILAR TO 'y.*' AS sm FROM orders`,
    columns: {
      g: { value: 'orders.st', condition: '' },
      b: { value: 'orders.st', condition: '' },
      sm: { value: 'orders.st', condition: '' },
    },
    influence: '',
  },
  {
    name: 'json_arrow',
    sql: `SELECT js->'a'->>'b' AS v, js->>'$.x' AS y, json_extract(js, '$.' || st) AS z FROM orders`,
    columns: {
      v: { value: 'orders.js', condition: '' },
      y: { value: 'orders.js', condition: '' },
      z: { value: 'orders.js orders.st', condition: '' },
    },
    influence: '',
  },
  {
    name: 'map_access',
    sql: `SELECT attrs['k'] AS k, map_keys(attrs) AS ks, tags[1] AS t1, tags[1:2] AS t12 FROM orders`,
    columns: {
      k: { value: 'orders.attrs', condition: '' },
      ks: { value: 'orders.attrs', condition: '' },
      t1: { value: 'orders.tags', condition: '' },
      t12: { value: 'orders.tags', condition: '' },
    },
    influence: '',
  },
  {
    name: 'case_when',
    sql: `SELECT CASE WHEN st = 'x' THEN amt ELSE id END AS v FROM orders`,
    columns: { v: { value: 'orders.amt orders.id', condition: 'orders.st' } },
    influence: '',
  },
  {
    name: 'unused_cte_col',
    sql: 'WITH a AS (SELECT id, amt, ts FROM orders) SELECT id FROM a',
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: '',
  },
  {
    name: 'unused_cte',
    sql: 'WITH a AS (SELECT id FROM orders), b AS (SELECT cid FROM customers) SELECT id FROM a',
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: '',
  },
  {
    name: 'mat_cte_twice',
    sql: 'WITH a AS MATERIALIZED (SELECT cid, sum(amt) AS s FROM orders GROUP BY cid) SELECT x.cid, x.s, y.s AS s2 FROM a x JOIN a y ON x.cid = y.cid + 1',
    columns: {
      cid: { value: 'orders.cid', condition: '' },
      s: { value: 'orders.amt', condition: '' },
      s2: { value: 'orders.amt', condition: '' },
    },
    influence: 'orders.cid',
  },
  {
    name: 'grouping_sets',
    sql: 'SELECT country, seg, count(*) AS n, grouping(seg) AS g FROM customers GROUP BY GROUPING SETS ((country),(country,seg),())',
    columns: {
      country: { value: 'customers.country', condition: '' },
      seg: { value: 'customers.seg', condition: '' },
      n: { value: '', condition: '' },
      g: { value: '', condition: 'customers.seg' },
    },
    influence: 'customers.country customers.seg',
  },
  {
    name: 'group_by_expr',
    sql: `SELECT date_trunc('day', ts) AS d, sum(amt) AS s FROM orders GROUP BY date_trunc('day', ts)`,
    columns: { d: { value: 'orders.ts', condition: '' }, s: { value: 'orders.amt', condition: '' } },
    influence: 'orders.ts',
  },
  {
    name: 'from_first',
    sql: `FROM orders SELECT id, amt WHERE st = 'x'`,
    columns: { id: { value: 'orders.id', condition: '' }, amt: { value: 'orders.amt', condition: '' } },
    influence: 'orders.st',
  },
  {
    name: 'tuple_in',
    sql: 'SELECT id FROM orders WHERE (cid, st) IN (SELECT (cid, seg) FROM customers)',
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: 'orders.cid orders.st customers.cid customers.seg',
  },
  {
    name: 'any_subq',
    sql: `SELECT id, amt > ALL (SELECT price FROM prices WHERE sku = 'x') AS b FROM orders`,
    columns: {
      id: { value: 'orders.id', condition: '' },
      b: { value: 'orders.amt prices.price', condition: 'prices.sku' },
    },
    influence: 'prices.sku',
  },
  {
    name: 'order_limit',
    sql: 'SELECT id FROM orders ORDER BY amt DESC LIMIT 5',
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: 'orders.amt',
  },
  {
    name: 'count_star',
    sql: 'SELECT count(*) AS n FROM orders',
    columns: { n: { value: '', condition: '' } },
    influence: '',
  },
  {
    name: 'colon_alias',
    sql: 'SELECT tot: amt + id FROM orders',
    columns: { tot: { value: 'orders.amt orders.id', condition: '' } },
    influence: '',
  },
  {
    name: 'tbl_alias_cols',
    sql: 'SELECT x, y FROM emp AS t(x, y, z)',
    columns: { x: { value: 'emp.id', condition: '' }, y: { value: 'emp.mgr', condition: '' } },
    influence: '',
  },
  {
    name: 'join_star_dup',
    sql: 'SELECT o.*, c.* EXCLUDE (cid, upd) FROM (SELECT id, cid FROM orders) o JOIN customers c USING (cid)',
    columns: {
      id: { value: 'orders.id', condition: '' },
      cid: { value: 'orders.cid', condition: '' },
      name: { value: 'customers.name', condition: '' },
      country: { value: 'customers.country', condition: '' },
      seg: { value: 'customers.seg', condition: '' },
      Order: { value: 'customers.Order', condition: '' },
    },
    influence: 'orders.cid customers.cid',
  },
  {
    name: 'self_join',
    sql: 'SELECT a.nm AS emp, b.nm AS boss FROM emp a LEFT JOIN emp b ON a.mgr = b.id',
    columns: { emp: { value: 'emp.nm', condition: '' }, boss: { value: 'emp.nm', condition: '' } },
    influence: 'emp.mgr emp.id',
  },
  {
    name: 'whole_row_struct',
    sql: 'SELECT o AS r FROM (SELECT id, st FROM orders) o',
    columns: { r: { value: 'orders.id orders.st', condition: '' } },
    influence: '',
  },
  {
    name: 'query_table',
    sql: `SELECT id FROM query_table('orders')`,
    columns: { id: { value: 'orders.id', condition: '' } },
    influence: '',
  },
];
