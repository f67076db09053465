import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CORPUS, CORPUS_MACROS, CORPUS_TABLES } from '../corpus/corpus.ts';
import { SELF_JOIN_TABLES, SELF_JOINS } from '../corpus/self-joins.ts';
import { QueryDatabase } from './database.ts';

const GOLDEN = new URL('../corpus/golden.json', import.meta.url);

async function hashes(): Promise<Readonly<Record<string, string>>> {
  const database = await QueryDatabase.open({ ...CORPUS_TABLES, ...SELF_JOIN_TABLES }, CORPUS_MACROS);
  const found: Record<string, string> = {};
  for (const { name, sql } of CORPUS) found[name] = (await database.analyse(sql)).fingerprint;
  for (const sql of SELF_JOINS) found[sql] = (await database.analyse(sql)).fingerprint;
  database.close();
  return found;
}

/** A difference means that the fingerprints of stored artefacts change too. */
it('the hashes of the corpus do not change (UPDATE_GOLDEN=1 accepts new ones)', async () => {
  const found = await hashes();
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, `${JSON.stringify(found, null, 2)}\n`);
  expect(found).toEqual(JSON.parse(readFileSync(GOLDEN, 'utf8')));
});
