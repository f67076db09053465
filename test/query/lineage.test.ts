import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CORPUS, CORPUS_MACROS, CORPUS_TABLES } from '../corpus/corpus.ts';
import { QueryDatabase } from './database.ts';

let database: QueryDatabase;
beforeAll(async () => {
  database = await QueryDatabase.open(CORPUS_TABLES, CORPUS_MACROS);
});
afterAll(() => database.close());

const names = (text: string): readonly string[] =>
  [...new Set(text.split(' ').filter(Boolean))].map(name => `source.${name}`).sort();
const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter(name => !some.includes(name));

describe('lineage of the corpus', () => {
  it.each(CORPUS.map(query => [query.name, query] as const))('%s', async (_, query) => {
    const { lineage, reads } = await database.analyse(query.sql);
    const expected = Object.entries(query.columns).sort(([a], [b]) => (a < b ? -1 : 1));
    const found = [...lineage.columns].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(found.map(column => [column.name, column.value])).toEqual(
      expected.map(([name, { value }]) => [name, names(value)]),
    );
    for (const [index, [, { value, condition }]] of expected.entries()) {
      expect(without(found[index]?.condition ?? [], names(`${value} ${condition}`))).toEqual([]);
    }
    expect(without(lineage.rows, names(query.influence))).toEqual([]);
    const all = names(
      [query.influence, ...expected.map(([, { value, condition }]) => `${value} ${condition}`)].join(' '),
    );
    const read = reads.flatMap(({ input, columns }) => columns.map(column => `${input}.${column}`)).sort();
    expect([query.name, without(read, all)]).toEqual([query.name, []]);
    const named = [...lineage.rows, ...lineage.columns.flatMap(column => [...column.value, ...column.condition])];
    expect(without(named, read)).toEqual([]);
  });
});
