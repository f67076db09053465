import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryDatabase, type Tables } from './database.ts';
import { fillTables } from './random-data.ts';
import { contradictions, type Outcome, outcomeOf } from './same-data.ts';

/** A family of queries: spellings of the same query, and similar queries with another meaning. */
interface Family {
  readonly same: readonly string[];
  readonly other: readonly string[];
}

const corpus = JSON.parse(readFileSync(new URL('../corpus/families.json', import.meta.url), 'utf8')) as {
  readonly tables: Tables;
  readonly families: readonly Family[];
};

const queriesOf = ({ same, other }: Family): readonly string[] => [...same, ...other];

let database: QueryDatabase;
beforeAll(async () => {
  database = await QueryDatabase.open(corpus.tables);
});
afterAll(() => database.close());

const named = corpus.families.map(family => [family.same[0] ?? '', family] as const);

describe('recognises equivalent spellings of a query, but not similar queries', () => {
  it.each(named)('%s', async (_, family) => {
    const fingerprints = await Promise.all(family.same.map(async sql => (await database.analyse(sql)).fingerprint));
    const [first = '', ...rest] = fingerprints;
    expect(rest.map(fingerprint => fingerprint === first)).toEqual(rest.map(() => true));
    const others: string[] = [];
    for (const sql of family.other) if ((await database.analyse(sql)).fingerprint === first) others.push(sql);
    expect(others).toEqual([]);
  });
});

it('gives queries with different data different hashes', { timeout: 120_000 }, async () => {
  await fillTables(database, corpus.tables, 1);
  const outcomes: Outcome[] = [];
  for (const sql of corpus.families.flatMap(queriesOf)) {
    const outcome = await outcomeOf(database, sql);
    if (outcome) outcomes.push(outcome);
  }
  const { found, compared } = contradictions(outcomes);
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(800);
});
