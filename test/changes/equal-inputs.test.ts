import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placedFiles } from '../../src/core/state/place.ts';
import { openStore } from '../../src/store/store-reader.ts';
import { addNode, inlineProject, type TestProject } from '../acceptance/harness.ts';
import { runInProcess } from '../support/run-in-process.ts';

const A = "SELECT id, id * 10 AS v FROM ref('source.s')";
const B = "SELECT id FROM ref('transform.a')";
const COUNT = "SELECT count(*) AS n FROM ref('transform.a')";

/** What the ledger says of data that were compared. */
const comparisons = (project: TestProject) =>
  openStore(project.root)
    .ledgerRecords()
    .flatMap(record => (record.t === 'equal' ? [{ columns: record.columns, equal: record.equal }] : []));

const setQuery = (project: TestProject, from: string, to: string): void => project.edit('seeknal/a.yml', from, to);

const built = async (nodes: Readonly<Record<string, string>>): Promise<TestProject> => {
  const project = inlineProject({ 'source.s': 'id\n1\n2\n3\n', ...nodes });
  await project.ok('run');
  return project;
};

describe('an artefact that is used because its inputs are equal', () => {
  it('has that recorded where only the number of rows is read', async () => {
    const project = await built({ 'transform.a': A, 'transform.b': COUNT });
    setQuery(project, 'id * 10', 'id * 20');
    await project.ok('run');
    expect(comparisons(project)).toEqual([{ columns: [], equal: true }]);
  });

  it('is used again after the artefact that it was built from is collected', async () => {
    const project = await built({ 'transform.a': A, 'transform.b': COUNT });
    project.append('seeknal_project.yml', 'settings: { keep_generations: 1, keep_days: 0 }\n');
    setQuery(project, 'id * 10', 'id * 20');
    await project.ok('run');
    const later = new Date(Date.now() + 40 * 24 * 60 * 60 * 1000);
    const cleaned = await runInProcess(['cleanup', '--yes'], { cwd: project.root, now: () => later });
    expect([cleaned.code, cleaned.stdout]).toEqual([0, expect.stringContaining('1 artefact')]);
    expect((await project.run(['plan', '--detailed-exitcode'])).code).toBe(0);
  });

  it('has that recorded when the plan already found it', async () => {
    const project = inlineProject({ 'source.s': 'id\n1\n2\n3\n', 'transform.b': B });
    addNode(project, 'transform.a', A, 'tags: [one]\n');
    await project.ok('run');
    setQuery(project, 'id * 10', 'id * 20');
    await project.ok('run', '--tags', 'one');
    expect(comparisons(project)).toEqual([]);
    await project.ok('run');
    expect(comparisons(project)).toEqual([{ columns: ['id'], equal: true }]);
  });
});

it('an artefact whose file is missing is not recorded as holding other data', async () => {
  const project = await built({ 'transform.a': A, 'transform.b': B });
  const store = openStore(project.root);
  const entry = store.current(null)?.nodes.find(node => node.id === 'transform.a');
  for (const { path } of placedFiles(store.artefactPlace(entry?.artefact ?? ''))) rmSync(path, { force: true });
  await project.ok('run');
  expect(comparisons(project)).toEqual([]);
});

describe('a node that declares an input without reading it', () => {
  const UNREAD =
    'kind: transform\nname: un\ninputs:\n  - ref: source.t\n  - ref: source.s\ntransform: SELECT id FROM source.s\n';

  it('is skipped by name when that input fails', async () => {
    const project = inlineProject({ 'source.s': 'id\n1\n', 'source.t': 'k\n1\n', 'transform.a': A });
    project.write('seeknal/un.yml', UNREAD);
    await project.ok('run');
    project.write('data/t.csv', 'other\n1\n');
    const failed = await project.run(['run', '--continue-on-error', '--json']);
    const { nodes } = JSON.parse(failed.stdout) as { nodes: { id: string; status: string; reason: string }[] };
    expect(nodes.find(({ id }) => id === 'transform.un')).toMatchObject({
      status: 'skipped',
      reason: 'depends on source.t, which failed',
    });
  });
});
