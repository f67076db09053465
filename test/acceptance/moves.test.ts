import { describe, expect, it } from 'vitest';
import { addNode, type Document, inlineProject, prepared, type TestProject } from './harness.ts';

const DATA = 'id,v\n1,5\n2,7\n';
const MORE = `${DATA}3,100\n`;

/** A source, a filter over it, and a sum over that. */
const chain = (): TestProject =>
  inlineProject({
    'source.o': DATA,
    'transform.m': "SELECT id, v FROM ref('source.o') WHERE id > 0",
    'transform.t': "SELECT sum(v) AS s FROM ref('transform.m')",
  });

/** The chain after its first run. */
const builtChain = prepared(async () => {
  const project = chain();
  await project.ok('run');
  return project;
});

/** The built chain with another filter that is applied only in the environment `dev`. */
const filteredInDev = prepared(async () => {
  const project = await builtChain();
  setFilter(project, 0, 1);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  return project;
});

const setFilter = (project: TestProject, from: number, to: number): void =>
  project.edit('seeknal/m.yml', `id > ${from}`, `id > ${to}`);

const moving = (document: Document): readonly string[] =>
  document.nodes.filter(node => node['moves'] === true).map(node => node.id);

const changed = (document: Document): readonly string[] =>
  document.nodes.filter(node => node['changed'] === true).map(node => node.id);

/** Expects all previews to say that these nodes move and nothing runs, and then a run to do so. */
async function expectToMove(
  project: TestProject,
  ids: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  const plan = await project.document('plan', ...flags);
  expect([plan['changed'], moving(plan)]).toEqual([true, ids]);
  expect(plan['summary']).toMatchObject({ to_execute: 0, to_verify: 0, to_move: ids.length });
  expect((await project.run(['plan', '--detailed-exitcode', ...flags])).code).toBe(2);
  const text = await project.ok('plan', ...flags);
  expect(text).not.toContain('No changes');
  for (const id of ids) expect(text).toMatch(new RegExp(`${id} .* update `));
  const shown = await project.ok('run', '--show-plan', ...flags);
  for (const id of ids) expect(shown).toMatch(new RegExp(`${id} .* update `));
  const dry = await project.document('run', '--dry-run', ...flags);
  expect([dry['dry_run'], dry['serial'], dry['status'], changed(dry)]).toEqual([true, null, 'done', ids]);
  const preview = await project.ok('run', '--dry-run', ...flags);
  for (const id of ids) expect(preview).toMatch(new RegExp(`${id} +would be updated`));
  const before = await project.document('env', 'history');
  const done = await project.run(['run', ...flags]);
  expect(done.stdout).toContain(`${ids.length} updated`);
  for (const id of ids) expect(done.stdout).toMatch(new RegExp(`${id} +updated +[0-9]+ row`));
  const after = await project.document('env', 'history');
  expect((after['generations'] as unknown[]).length).toBe((before['generations'] as unknown[]).length + 1);
  expect((await project.document('plan', ...flags))['changed']).toBe(false);
}

describe('a result from the store moves production', () => {
  it('when earlier data returns', async () => {
    const project = await builtChain();
    project.write('data/o.csv', MORE);
    await project.ok('run');
    project.write('data/o.csv', DATA);
    await expectToMove(project, ['source.o', 'transform.m', 'transform.t']);
    expect(await project.query('SELECT s FROM transform_t')).toEqual([{ s: 12 }]);
  });

  it('when an earlier definition returns', async () => {
    const project = await builtChain();
    setFilter(project, 0, 1);
    await project.ok('run');
    setFilter(project, 1, 0);
    await expectToMove(project, ['transform.m', 'transform.t']);
  });

  it('when an earlier date or parameter value returns', async () => {
    const project = chain();
    addNode(
      project,
      'transform.t',
      "SELECT sum(v) AS s, '{{ today }}' AS d, {{ x }} AS x FROM ref('transform.m')",
      'params: { x: 1 }\n',
    );
    await project.ok('run', '--date', '2024-01-01');
    await project.ok('run', '--date', '2024-01-02');
    await expectToMove(project, ['transform.t'], ['--date', '2024-01-01']);
    await project.ok('run', '--date', '2024-01-01', '--params', 'x=2');
    await expectToMove(project, ['transform.t'], ['--date', '2024-01-01']);
  });

  it('when an environment built it', async () => {
    const project = await filteredInDev();
    await expectToMove(project, ['transform.m', 'transform.t']);
  });

  it('when only a description or the path of a file changes', async () => {
    const project = await builtChain();
    addNode(project, 'transform.t', "SELECT sum(v) AS s FROM ref('transform.m')", 'description: all of it\n');
    await expectToMove(project, ['transform.t']);
    project.write('seeknal/sums/t.yml', project.read('seeknal/t.yml'));
    project.remove('seeknal/t.yml');
    await expectToMove(project, ['transform.t']);
    expect(project.read('target/manifest.json')).toContain('seeknal/sums/t.yml');
  });
});

describe('a node that a selection left behind', () => {
  it.each([
    ['other rows', MORE],
    ['other values in as many rows', 'id,v\n1,6\n2,7\n'],
  ])('is executed by the next run: %s', async (_, data) => {
    const project = await builtChain();
    project.write('data/o.csv', data);
    await project.ok('run', '--types', 'source');
    const plan = await project.document('plan');
    expect([plan['changed'], moving(plan)]).toEqual([true, ['transform.m', 'transform.t']]);
    expect(project.node(plan, 'transform.m')).toMatchObject({
      action: 'run',
      verify: false,
      reason: 'its inputs changed since it was built',
    });
    const planned = await project.document('env', 'plan', 'dev');
    const applied = await project.document('env', 'apply', 'dev');
    const running = planned.nodes.filter(node => node['action'] === 'run').map(node => node.id);
    const executed = applied.nodes.filter(node => node['status'] === 'executed').map(node => node.id);
    const settled = applied.nodes.filter(node => node['status'] === 'cut_off').map(node => node.id);
    expect([...executed, ...settled].sort()).toEqual([...running].sort());
  });

  it('is not executed if what it reads is equal', async () => {
    const project = inlineProject({ 'source.o': 'id,v\n1,5\n', 'transform.ids': "SELECT id FROM ref('source.o')" });
    await project.ok('run');
    project.write('data/o.csv', 'id,v\n1,6\n');
    await project.ok('run', '--types', 'source');
    expect((await project.document('plan'))['changed']).toBe(false);
    expect((await project.run(['run'])).stdout).toContain('✓ No changes detected. Nothing to run.');
  });
});

describe('an environment', () => {
  it('that undoes an edit moves, and says so', async () => {
    const project = await filteredInDev();
    setFilter(project, 1, 0);
    const plan = await project.document('env', 'plan', 'dev');
    expect([plan['changed'], moving(plan)]).toEqual([true, ['transform.m', 'transform.t']]);
    expect(project.node(plan, 'transform.m')['reason']).toBe('as in production');
    const applied = await project.run(['env', 'apply', 'dev']);
    expect(applied.stdout).toContain("✓ Environment 'dev' applied: 2 updated, 1 unchanged");
    expect(await project.query('SELECT s FROM transform_t', 'dev')).toEqual([{ s: 12 }]);
  });

  it('that already matches its plan says so, and how it differs from production', async () => {
    const project = await filteredInDev();
    const again = await project.run(['env', 'plan', 'dev', '--detailed-exitcode']);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain("ℹ Environment 'dev' already holds these changes; there is nothing to apply.");
    expect(again.stdout).toContain('transform.m');
    expect((await project.run(['env', 'apply', 'dev'])).stdout).toContain('✓ No changes to apply.');
    const promoted = await project.document('env', 'promote', 'dev', '--yes');
    expect(changed(promoted)).toEqual(['transform.m', 'transform.t']);
  });

  it('that is identical to production follows it and has nothing to promote', async () => {
    const project = await builtChain();
    await project.ok('env', 'plan', 'dev');
    const applied = await project.document('env', 'apply', 'dev');
    expect([applied['status'], applied['serial'], changed(applied)]).toEqual(['nothing_to_do', null, []]);
    expect((await project.document('env', 'history', 'dev'))['generations']).toEqual([]);
    expect(await project.query('SELECT s FROM transform_t', 'dev')).toEqual([{ s: 12 }]);
    expect((await project.document('env', 'diff', 'dev')).nodes).toEqual([]);
    expect(await project.ok('env', 'promote', 'dev', '--yes')).toContain("Nothing to promote from 'dev'");
    expect((await project.run(['doctor'])).code).toBe(0);
  });

  it('previews the nodes that a rebase rebuilds', async () => {
    const project = await filteredInDev();
    setFilter(project, 1, 0);
    project.write('data/o.csv', MORE);
    await project.ok('run');
    const preview = await project.document('env', 'promote', 'dev', '--rebase', '--dry-run');
    expect(changed(preview)).toEqual(['transform.m', 'transform.t']);
    const promoted = await project.document('env', 'promote', 'dev', '--rebase', '--yes', '--allow-revert');
    expect(changed(promoted)).toEqual(['transform.m', 'transform.t']);
  });

  it('counts nodes to verify', async () => {
    const project = chain();
    addNode(project, 'transform.ids', "SELECT id FROM ref('transform.m')");
    await project.ok('run');
    project.edit('seeknal/m.yml', 'SELECT id, v FROM', 'SELECT id, v + 1 AS v FROM');
    const plan = await project.document('env', 'plan', 'dev');
    expect(plan['summary']).toMatchObject({ to_execute: 2, to_verify: 1, to_move: 2 });
    expect(project.node(plan, 'transform.ids')).toMatchObject({ action: 'reuse', verify: true, moves: false });
    expect(await project.ok('env', 'plan', 'dev')).toContain('  Nodes to verify: 1\n');
    expect(await project.ok('env', 'apply', 'dev', '--dry-run')).toContain('2 to run, 1 to verify, 1 unchanged');
    const applied = await project.document('env', 'apply', 'dev');
    expect(changed(applied)).toEqual(['transform.m', 'transform.t']);
  });
});
