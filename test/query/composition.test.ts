import { expect, it } from 'vitest';
import { SELF_JOIN_TABLES, SELF_JOINS } from '../corpus/self-joins.ts';
import { QueryDatabase } from './database.ts';
import { mutantsOf } from './mutate.ts';
import { fillTables } from './random-data.ts';
import { contradictions, type Outcome, outcomeOf } from './same-data.ts';

const FIRST_QUERIES = 9;

/** Consumers of `m`; `a` and `b` are its first and last column. */
const consumersOf = (a: string, b: string): readonly string[] => [
  'SELECT * FROM transform.m',
  'SELECT count(*) AS n FROM transform.m',
  `SELECT "${a}" AS a FROM transform.m WHERE "${a}" > 1`,
  `SELECT DISTINCT "${b}" AS b FROM transform.m`,
  `SELECT l."${a}" AS a, r."${b}" AS b FROM transform.m l JOIN transform.m r ON l."${a}" = r."${a}"`,
  `SELECT t.id, m."${b}" AS b FROM t LEFT JOIN transform.m ON m."${a}" = t.id`,
  `SELECT id, (SELECT count(*) FROM transform.m WHERE "${a}" = t.id) AS n FROM t WHERE id NOT IN (SELECT "${a}" FROM transform.m WHERE "${a}" IS NOT NULL)`,
  `SELECT "${a}" AS a, max("${b}") AS b FROM transform.m GROUP BY ALL`,
];

async function outcomesBelow(database: QueryDatabase, sql: string): Promise<readonly Outcome[]> {
  if (!(await outcomeOf(database, sql))) return [];
  const { relation } = await database.addNode('m', sql);
  await database.run(`INSERT INTO transform.m ${sql}`);
  const [first, last] = [relation.columns.at(0), relation.columns.at(-1)];
  const found: Outcome[] = [];
  for (const consumer of consumersOf(first?.name ?? '', last?.name ?? '')) {
    const outcome = await outcomeOf(database, consumer);
    if (outcome) found.push({ ...outcome, sql: `${outcome.sql} -- m: ${sql}` });
  }
  return found;
}

it('changes the hash of a consumer if a change of its input alters its data', { timeout: 120_000 }, async () => {
  const database = await QueryDatabase.open(SELF_JOIN_TABLES);
  await fillTables(database, SELF_JOIN_TABLES, 3);
  const columns = ['id', 'parent', 'name', 'amount'];
  const outcomes: Outcome[] = [];
  for (const query of SELF_JOINS.slice(0, FIRST_QUERIES)) {
    for (const sql of [query, ...mutantsOf(query, columns)]) outcomes.push(...(await outcomesBelow(database, sql)));
  }
  database.close();
  const { found, compared } = contradictions(outcomes);
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(500);
});
