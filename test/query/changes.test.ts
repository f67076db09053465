import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { QueryAnalysis } from '../../src/core/query/query-analysis.ts';
import { QueryDatabase, type Tables } from './database.ts';
import { fillTables } from './random-data.ts';

interface Change {
  readonly id: string;
  readonly old: string;
  readonly new: string;
  readonly consumers: Readonly<Record<string, string>>;
}

interface Changes {
  readonly fixture: { readonly sources: Readonly<Record<string, string>> };
  readonly cases: readonly Change[];
}

const changes = JSON.parse(readFileSync(new URL('../corpus/changes.json', import.meta.url), 'utf8')) as Changes;

const tables: Tables = Object.fromEntries(
  Object.entries(changes.fixture.sources).map(([name, columns]) => [
    name,
    Object.fromEntries(columns.split(', ').map(column => column.split(' ') as [string, string])),
  ]),
);

/** A sample differs each time, so it proves no contradiction. */
const SAMPLED = 'B62';
const plain = (sql: string): string =>
  sql
    .replace(/ref\('([^']+)'\)/g, '$1')
    .replace(/^MODEL\([^;]*;/, '')
    .replace(/;\s*$/, '');

interface NodeState {
  readonly analysis: QueryAnalysis;
  readonly data: string;
}

/** Builds the nodes of one version, without those that do not bind and their consumers. */
async function build(
  database: QueryDatabase,
  queries: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, NodeState>> {
  const built = new Map<string, NodeState>();
  for (const [name, sql] of Object.entries(queries)) {
    try {
      const analysis = await database.addNode(name, plain(sql));
      await database.run(`INSERT INTO transform."${name}" ${plain(sql)}`);
      const rows = await database.rows(`SELECT * FROM transform."${name}"`);
      const shape = analysis.relation.columns.map(column => [column.name, column.type]);
      built.set(name, { analysis, data: JSON.stringify([shape, rows.map(row => JSON.stringify(row)).sort()]) });
    } catch {
      continue;
    }
  }
  return built;
}

it('never treats changed data as equal, and rebuilds few unchanged nodes', { timeout: 60_000 }, async () => {
  const database = await QueryDatabase.open(tables);
  await fillTables(database, tables, 1, 60);
  const unsound: string[] = [];
  const needless: string[] = [];
  let run = 0;
  for (const change of changes.cases.filter(each => each.id !== SAMPLED)) {
    const before = await build(database, { m: change.old, ...change.consumers });
    const after = await build(database, { m: change.new, ...change.consumers });
    for (const [name, now] of after) {
      const then = before.get(name);
      const kept = then?.analysis.fingerprint === now.analysis.fingerprint;
      if (!kept) run++;
      if (kept && then.data !== now.data && now.analysis.volatile.columns.length === 0)
        unsound.push(`${change.id} ${name}`);
      if (!kept && then?.data === now.data) needless.push(`${change.id} ${name}`);
    }
  }
  database.close();
  expect(unsound).toEqual([]);
  expect(needless).toMatchInlineSnapshot(`
    [
      "B55 m",
      "C4 e",
      "C5 d",
      "C6 d",
    ]
  `);
  expect(run).toMatchInlineSnapshot(`94`);
});
