import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { QueryDatabase, type Tables } from '../query/database.ts';
import { fillTables } from '../query/random-data.ts';
import { LiveProject, refusal } from './live-project.ts';
import { Oracle, plainSql, sameMultiset, sameSequence } from './oracle.ts';

interface Change {
  readonly id: string;
  readonly old: string;
  readonly new: string;
  readonly consumers: Readonly<Record<string, string>>;
  readonly ideal: string;
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

/** Removes the MODEL block of a case, which only names the model. */
const sqlOf = (sql: string): string => sql.replace(/^MODEL\([^;]*;\s*/, '');

/** The rows of the fixture as Parquet files. */
async function fixtureFolder(): Promise<string> {
  const folder = temporaryFolder();
  const database = await QueryDatabase.open(tables);
  await fillTables(database, tables, 1, 80);
  for (const name of Object.keys(tables))
    await database.run(`COPY source."${name}" TO '${join(folder, `${name}.parquet`)}' (FORMAT parquet)`);
  database.close();
  return folder;
}

function projectOf(folder: string): LiveProject {
  const project = new LiveProject();
  for (const name of Object.keys(tables)) {
    cpSync(join(folder, `${name}.parquet`), join(project.root, `data/${name}.parquet`), { recursive: true });
    project.addSource(name, `data/${name}.parquet`);
  }
  return project;
}

interface Tally {
  /** Node runs of all cases. */
  runs: number;
  /** Runs whose data was equal to production's. */
  readonly equal: string[];
  readonly unsound: string[];
}

/** Plans and applies a case over a production with its old version, and compares every node with a fresh build. */
async function carryOut(project: LiveProject, change: Change, tally: Tally): Promise<void> {
  project.setTransforms({ m: sqlOf(change.new), ...versionOf(change) });
  await project.plan('dev');
  const result = await project.apply('dev');
  const statuses = new Map(result.nodes.map(node => [node.id, node.status]));
  const oracle = await Oracle.open();
  for (const name of Object.keys(tables))
    await oracle.show(`source.${name}`, join(project.root, `data/${name}.parquet`));
  const [before, now] = [project.held(null), project.held('dev')];
  for (const [name, sql] of Object.entries({ m: sqlOf(change.new), ...versionOf(change) })) {
    const id = `transform.${name}`;
    const found = await oracle.file(now.get(id)?.path ?? '');
    const status = statuses.get(id);
    if (!isRandom(sql) || status !== 'executed') {
      const fresh = await oracle.build(name, plainSql(sql));
      if (!sameMultiset(found, fresh)) tally.unsound.push(`${change.id} ${name}: other data than a fresh build`);
    }
    await oracle.run(`DROP TABLE IF EXISTS transform."${name}"`);
    await oracle.show(id, now.get(id)?.path ?? '');
    // A sample may take all rows by chance, and then its consumers are cut off.
    const sampled = /\bSAMPLE\b/.test(change.new);
    if (status !== 'executed' && !(sampled && status === 'cut_off')) continue;
    tally.runs++;
    if (sampled) continue;
    const old = await oracle.file(before.get(id)?.path ?? '');
    if (sameMultiset(old, found)) tally.equal.push(`${change.id} ${name}${sameSequence(old, found) ? '' : ' (order)'}`);
  }
  oracle.close();
}

const isRandom = (sql: string): boolean => /\bSAMPLE\b|random\(\)/.test(sql);

const versionOf = (change: Change): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(change.consumers).map(([name, sql]) => [name, sqlOf(sql)]));

it('rebuilds what a change affects, and never reuses changed data', { timeout: 300_000 }, async () => {
  const folder = await fixtureFolder();
  const tally: Tally = { runs: 0, equal: [], unsound: [] };
  const refused: Record<string, readonly string[]> = {};
  for (const change of changes.cases) {
    const project = projectOf(folder);
    try {
      project.setTransforms({ m: sqlOf(change.old), ...versionOf(change) });
      await project.run();
      if (!change.ideal.includes('plan ERROR')) await carryOut(project, change, tally);
      else {
        project.setTransforms({ m: sqlOf(change.new), ...versionOf(change) });
        refused[change.id] = await refusal(project.plan('dev'));
      }
    } finally {
      project.remove();
    }
  }
  expect(tally.unsound).toEqual([]);
  expect(refused).toMatchInlineSnapshot(`
    {
      "B5": [
        "transform.d3 6:10 unknown-column: Column 'name' does not exist.",
      ],
      "C10": [
        "transform.d 7:14 ambiguous-column: Column 'cid' is ambiguous: several tables have it.",
      ],
      "C23": [
        "transform.d 6:21 unknown-column: Column 'name' of EXCLUDE does not exist.",
      ],
    }
  `);
  expect(tally.equal).toMatchInlineSnapshot(`
    [
      "B55 m (order)",
      "C4 e",
      "C5 d (order)",
      "C6 d",
    ]
  `);
  expect(tally.runs).toMatchInlineSnapshot(`94`);
});
