import { expect, it } from 'vitest';
import { duplicateName } from './duplicate-columns.ts';

const RENAME = 'Give one of them another name with AS';

it.each([
  ['SELECT id, id FROM t', 'id', `${RENAME}.`, 11],
  ['SELECT ip - 2, ip - 2, count(*) FROM t GROUP BY ALL', '(ip - 2)', `${RENAME}.`, null],
  ['SELECT count(*), count(*) FROM t', 'count_star()', `${RENAME}.`, null],
  ['SELECT ip * 2 AS a, ip AS a FROM t', 'a', `${RENAME}.`, 26],
  ['SELECT *, ip + 1 AS ip FROM t', 'ip', `${RENAME}, or leave it out of the star: * EXCLUDE (ip).`, 20],
  [
    'SELECT DISTINCT *, 1 AS "Order" FROM t',
    'Order',
    `${RENAME}, or leave it out of the star: * EXCLUDE ("Order").`,
    24,
  ],
  ['SELECT t.*, upper(n) AS N FROM t', 'N', `${RENAME}, or leave it out of the star: t.* EXCLUDE (N).`, 24],
  [
    'WITH x AS (SELECT id, id FROM t) SELECT * EXCLUDE (a), b AS id FROM x',
    'id',
    `${RENAME}, or leave it out of the star: * EXCLUDE (id).`,
    60,
  ],
  ['SELECT *, 1 AS x, 2 AS x FROM t', 'x', `${RENAME}.`, 23],
  ['SELECT *, ip - 2, ip - 2 FROM t', '(ip - 2)', `${RENAME}.`, null],
  ['SELECT a.*, b.*, 1 AS id FROM a, b', 'id', `${RENAME}.`, 22],
  [
    'SELECT a.*, b.* FROM a JOIN b ON a.id = b.id',
    'id',
    "Join with USING (id), or leave it out of one table's star: b.* EXCLUDE (id).",
    14,
  ],
  [
    'SELECT * FROM a JOIN b ON a.id = b.id',
    'id',
    "Join with USING (id), or leave it out of one table's star: a.*, b.* EXCLUDE (id).",
    7,
  ],
  [
    'FROM a JOIN b ON a.id = b.id',
    'id',
    'Join with USING (id), or SELECT the columns by name and give one another name with AS.',
    null,
  ],
  ['FROM a SELECT x, x', 'x', `${RENAME}.`, 17],
])('%s', (query, name, hint, at) => {
  const found = duplicateName(query, name);
  expect({ hint: found.hint, at: found.at && query.slice(0, found.at.from).length }).toEqual({ hint, at });
});
