import { expect, it } from 'vitest';
import { CORPUS, CORPUS_MACROS, CORPUS_TABLES } from '../corpus/corpus.ts';
import { SELF_JOIN_TABLES, SELF_JOINS } from '../corpus/self-joins.ts';
import { QueryDatabase, type Tables } from './database.ts';
import { mutantsOf } from './mutate.ts';
import { fillTables } from './random-data.ts';
import { contradictions, type Outcome, outcomeOf } from './same-data.ts';

const SEED = 1;

async function outcomes(
  tables: Tables,
  macros: readonly string[],
  queries: readonly string[],
): Promise<readonly Outcome[]> {
  const database = await QueryDatabase.open(tables, macros);
  const columns = [...new Set(Object.values(tables).flatMap(table => Object.keys(table)))];
  const found: Outcome[] = [];
  await fillTables(database, tables, SEED);
  for (const sql of queries.flatMap(query => [query, ...mutantsOf(query, columns)])) {
    const outcome = await outcomeOf(database, sql);
    if (outcome) found.push(outcome);
  }
  database.close();
  return found;
}

it('changes the hash of a corpus query if a mutation alters its data', { timeout: 120_000 }, async () => {
  const all = await outcomes(
    CORPUS_TABLES,
    CORPUS_MACROS,
    CORPUS.map(query => query.sql),
  );
  const { found, compared } = contradictions(all);
  expect(found).toEqual([]);
  expect(all.length).toBeGreaterThan(600);
  expect(compared).toBeGreaterThan(300);
});

it('changes the hash of a self-join if a mutation alters its data', { timeout: 120_000 }, async () => {
  const all = await outcomes(SELF_JOIN_TABLES, [], SELF_JOINS);
  const { found, compared } = contradictions(all);
  expect(found).toEqual([]);
  expect(all.length).toBeGreaterThan(500);
  expect(compared).toBeGreaterThan(200);
});
