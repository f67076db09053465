import { describe, expect, it } from 'vitest';
import { addNode, inlineProject, type TestProject } from './harness.ts';

/** Two independent chains and one node that reads both. */
async function twoChains(): Promise<TestProject> {
  const project = inlineProject({
    'source.a': 'id,v\n1,10\n2,20\n',
    'source.b': 'id,w\n1,5\n2,6\n',
    'transform.x': "SELECT id, v FROM ref('source.a')",
    'transform.y': "SELECT id, w FROM ref('source.b')",
    'transform.x2': "SELECT id, v * 2 AS v2 FROM ref('transform.x')",
    'transform.y2': "SELECT id, w * 2 AS w2 FROM ref('transform.y')",
  });
  await project.ok('run');
  return project;
}

async function applied(
  project: TestProject,
  environment: string,
  edits: Readonly<Record<string, string>>,
): Promise<void> {
  const before = Object.keys(edits).map(id => [id, project.read(`seeknal/${id.split('.')[1]}.yml`)] as const);
  for (const [id, sql] of Object.entries(edits)) addNode(project, id, sql);
  await project.ok('env', 'plan', environment);
  await project.ok('env', 'apply', environment);
  for (const [id, text] of before) project.write(`seeknal/${id.split('.')[1]}.yml`, text);
}

const rowsOf = async (project: TestProject, view: string): Promise<readonly unknown[]> =>
  (await project.query(`SELECT * FROM ${view} ORDER BY ALL`)).map(row => Object.values(row));

describe('promotion onto a production that moved', () => {
  it('keeps the changes of two environments to different nodes', async () => {
    const project = await twoChains();
    await applied(project, 'one', { 'transform.x': "SELECT id, v + 1 AS v FROM ref('source.a')" });
    await applied(project, 'two', { 'transform.y': "SELECT id, w + 1 AS w FROM ref('source.b')" });
    await project.ok('env', 'promote', 'one', '--yes');
    const second = await project.document('env', 'promote', 'two', '--yes');
    expect(second).toMatchObject({ status: 'done', serial: 3 });
    expect(
      second.nodes
        .filter(node => node['status'] === 'promoted')
        .map(node => node.id)
        .sort(),
    ).toEqual(['transform.y', 'transform.y2']);
    expect(await rowsOf(project, 'transform_x2')).toEqual(
      [
        [1, '22'],
        [2, '42'],
      ].map(([id, v]) => [id, Number(v)]),
    );
    expect(await rowsOf(project, 'transform_y2')).toEqual([
      [1, 12],
      [2, 14],
    ]);
  });

  it('reports a node that both changed as a conflict, and drops neither side', async () => {
    const project = await twoChains();
    await applied(project, 'one', { 'transform.x': "SELECT id, v + 1 AS v FROM ref('source.a')" });
    await applied(project, 'two', { 'transform.x': "SELECT id, v + 2 AS v FROM ref('source.a')" });
    await project.ok('env', 'promote', 'one', '--yes');
    const before = project.snapshot('target/intermediate');
    for (const flags of [[], ['--rebase']]) {
      const refused = await project.run(['env', 'promote', 'two', '--yes', ...flags]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('conflict');
      expect(refused.stderr).toContain('transform.x');
      expect(refused.stderr).toContain("'one'");
    }
    expect(project.snapshot('target/intermediate')).toEqual(before);
  });

  it('refuses a node whose input the other changed, and names it; --rebase rebuilds it', async () => {
    const project = await twoChains();
    await applied(project, 'one', { 'transform.x': "SELECT id, v + 1 AS v FROM ref('source.a')" });
    await applied(project, 'two', { 'transform.x2': "SELECT id, v * 3 AS v2 FROM ref('transform.x')" });
    await project.ok('env', 'promote', 'one', '--yes');
    const refused = await project.run(['env', 'promote', 'two', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/moved on.*transform\.x2/s);
    expect(refused.stderr).toContain('--rebase');
    expect((await project.run(['env', 'promote', 'two', '--dry-run'])).code).toBe(1);
    await project.ok('env', 'promote', 'two', '--rebase', '--yes');
    expect(await rowsOf(project, 'transform_x2')).toEqual([
      [1, 33],
      [2, 63],
    ]);
    expect((await project.run(['run', '--dry-run'])).stderr).toContain('would undo generation');
  });

  it('notices newer data of an input, which a rebase uses', async () => {
    const project = await twoChains();
    await applied(project, 'dev', { 'transform.x2': "SELECT id, v * 3 AS v2 FROM ref('transform.x')" });
    project.append('data/a.csv', '3,30\n');
    await project.ok('run');
    const refused = await project.run(['env', 'promote', 'dev', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/moved on.*transform\.x2/s);
    await project.ok('env', 'promote', 'dev', '--rebase', '--yes');
    expect(await rowsOf(project, 'transform_x2')).toEqual([
      [1, 30],
      [2, 60],
      [3, 90],
    ]);
  });

  it('keeps newer production data of unchanged nodes, even if the environment holds an older copy', async () => {
    const project = await twoChains();
    await applied(project, 'dev', { 'transform.y2': "SELECT id, w * 4 AS w2 FROM ref('transform.y')" });
    project.append('data/a.csv', '3,30\n');
    await project.ok('run');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await rowsOf(project, 'transform_x')).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
    expect(await rowsOf(project, 'transform_y2')).toEqual([
      [1, 20],
      [2, 24],
    ]);
  });

  it('never builds a new consumer on values that production lacks', async () => {
    const project = await twoChains();
    await applied(project, 'one', { 'transform.y': "SELECT id, w, w + 100 AS extra FROM ref('source.b')" });
    await applied(project, 'two', { 'transform.y2': "SELECT id, w * 2 AS w2, 1 AS k FROM ref('transform.y')" });
    await project.ok('env', 'promote', 'one', '--yes');
    await project.ok('env', 'promote', 'two', '--yes');
    expect(await rowsOf(project, 'transform_y2')).toEqual([
      [1, 10, 1],
      [2, 12, 1],
    ]);
    expect(await rowsOf(project, 'transform_y')).toEqual([
      [1, 5, 105],
      [2, 6, 106],
    ]);
  });

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string]>([
    [
      'reads what the other removed',
      { 'transform.x2': '' },
      { 'transform.z': "SELECT v2 FROM ref('transform.x2')" },
      'transform.z reads transform.x2, which does not exist',
    ],
    [
      'removes what the other reads',
      { 'transform.z': "SELECT v2 FROM ref('transform.x2')" },
      { 'transform.x2': '' },
      'transform.z reads transform.x2, which does not exist',
    ],
    [
      'closes a circle with the other',
      { 'transform.x': "SELECT w2 AS id, w2 AS v FROM ref('transform.y2')" },
      { 'transform.y': "SELECT id, v2 AS w FROM ref('transform.x2')" },
      'these nodes read each other',
    ],
    [
      'adds a name that is the other’s but for its case',
      { 'transform.Z': "SELECT id FROM ref('transform.x')" },
      { 'transform.z': "SELECT id FROM ref('transform.y')" },
      'differ only in case',
    ],
  ])('reports a change that %s as a conflict, and does not drop it', async (_name, first, second, what) => {
    const project = await twoChains();
    const fileOf = (id: string) => `seeknal/${id.split('.')[1]}.yml`;
    for (const [environment, edits] of Object.entries({ one: first, two: second })) {
      const known = ['transform.x', 'transform.x2', 'transform.y'];
      const texts = Object.keys(edits).map(id => [id, known.includes(id) ? project.read(fileOf(id)) : null] as const);
      for (const [id, sql] of Object.entries(edits))
        if (sql === '') project.remove(fileOf(id));
        else addNode(project, id, sql);
      await project.ok('env', 'plan', environment);
      await project.ok('env', 'apply', environment);
      for (const [id, text] of texts)
        if (text === null) project.remove(fileOf(id));
        else project.write(fileOf(id), text);
    }
    await project.ok('env', 'promote', 'one', '--yes');
    const before = project.snapshot('target/intermediate');
    for (const flags of [[], ['--rebase'], ['--dry-run'], ['--rebase', '--dry-run']]) {
      const refused = await project.run(['env', 'promote', 'two', '--yes', ...flags]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('conflict');
      expect(refused.stderr).toContain(what);
    }
    expect(project.snapshot('target/intermediate')).toEqual(before);
    expect(await project.ok('env', 'list')).toMatch(/two +applied/);
  });

  it('refuses a selection that adds a name differing only in case', async () => {
    const project = await twoChains();
    project.remove('seeknal/x2.yml');
    addNode(project, 'transform.X2', "SELECT id FROM ref('transform.x')");
    const refused = await project.run(['run', '--nodes', 'transform.X2']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('differ only in case');
    await project.ok('run');
  });

  it('refuses a merge that no longer binds', async () => {
    const project = await twoChains();
    await applied(project, 'one', {
      'transform.y': "SELECT id, w AS renamed FROM ref('source.b')",
      'transform.y2': "SELECT id, renamed * 2 AS w2 FROM ref('transform.y')",
    });
    project.write('seeknal/z.yml', '');
    addNode(project, 'transform.z', "SELECT w FROM ref('transform.y')");
    await project.ok('env', 'plan', 'two');
    await project.ok('env', 'apply', 'two');
    project.remove('seeknal/z.yml');
    await project.ok('env', 'promote', 'one', '--yes');
    const refused = await project.run(['env', 'promote', 'two', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('transform.z');
  });
});

describe('promotion to an existing environment', () => {
  const EDITS = {
    dev: { 'transform.y2': "SELECT id, w * 3 AS w2 FROM ref('transform.y')" },
    staging: { 'transform.x2': "SELECT id, v * 3 AS v2 FROM ref('transform.x')" },
  };

  /** Two environments on different generations of production, with a run in between. */
  async function twoBases(first: 'dev' | 'staging'): Promise<TestProject> {
    const project = await twoChains();
    await applied(project, first, EDITS[first]);
    addNode(project, 'transform.n', "SELECT id, 7 AS n FROM ref('source.a')");
    await project.ok('run');
    const second = first === 'dev' ? 'staging' : 'dev';
    await applied(project, second, EDITS[second]);
    return project;
  }

  it.each(['dev', 'staging'] as const)('undoes nothing that production got since %s was planned', async first => {
    const project = await twoBases(first);
    await project.ok('env', 'promote', 'dev', 'staging', '--yes');
    const shown = await project.ok('env', 'show', 'staging');
    expect(shown).toContain("production's generation 2");
    for (const id of ['transform.x2', 'transform.y2']) expect(shown).toContain(id);
    await project.ok('env', 'promote', 'staging', '--yes');
    expect(await rowsOf(project, 'transform_n')).toEqual([
      [1, 7],
      [2, 7],
    ]);
    expect(await rowsOf(project, 'transform_x2')).toEqual([
      [1, 30],
      [2, 60],
    ]);
    expect(await rowsOf(project, 'transform_y2')).toEqual([
      [1, 15],
      [2, 18],
    ]);
  });

  it('merges the applied generation, even if the environment was planned again since', async () => {
    const project = await twoBases('dev');
    addNode(project, 'transform.x', "SELECT id, v + 9 AS v FROM ref('source.a')");
    await project.ok('env', 'plan', 'staging');
    await project.ok('env', 'promote', 'dev', 'staging', '--yes');
    expect((await project.query('SELECT max(v2) AS v FROM transform_x2', 'staging'))[0]).toEqual({ v: 60 });
    // Its plan covers both sides: applying the files on disk would drop one of them.
    const apply = await project.run(['env', 'apply', 'staging']);
    expect([apply.code, apply.stderr]).toEqual([1, expect.stringContaining('Plan is stale')]);
  });

  it('names the target of a conflict, and what to do', async () => {
    const project = await twoChains();
    await applied(project, 'dev', { 'transform.x': "SELECT id, v + 1 AS v FROM ref('source.a')" });
    await applied(project, 'staging', { 'transform.x': "SELECT id, v + 2 AS v FROM ref('source.a')" });
    const conflict = await project.run(['env', 'promote', 'dev', 'staging', '--yes']);
    expect(conflict.stderr).toContain("conflict: transform.x changed in 'dev' and in 'staging'");
    expect(conflict.stderr).toContain("'seeknal env diff dev staging'");
    await applied(project, 'dev', EDITS.staging);
    const moved = await project.run(['env', 'promote', 'dev', 'staging', '--yes']);
    expect([moved.code, moved.stderr]).toEqual([1, expect.stringContaining("'staging' moved on")]);
    expect(moved.stderr).not.toContain('--rebase');
  });
});

describe('nothing is undone by accident', () => {
  async function promotedElsewhere(): Promise<TestProject> {
    const project = await twoChains();
    await applied(project, 'dev', { 'transform.x': "SELECT id, v + 1 AS v FROM ref('source.a')" });
    await project.ok('env', 'promote', 'dev', '--yes');
    return project;
  }

  it('plan names the generation; run fails without --allow-revert, even with --yes', async () => {
    const project = await promotedElsewhere();
    const planned = await project.run(['env', 'plan', 'next']);
    expect(planned.code).toBe(0);
    expect(planned.stdout + planned.stderr).toContain('would undo generation 2 (promote, ana)');
    for (const flags of [[], ['--yes']]) {
      const refused = await project.run(['run', ...flags]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('would undo generation 2 (promote, ana): transform.x');
      expect(refused.stderr).toContain('--allow-revert');
    }
    expect(await rowsOf(project, 'transform_x')).toEqual([
      [1, 11],
      [2, 21],
    ]);
    await project.ok('run', '--allow-revert');
    expect(await rowsOf(project, 'transform_x')).toEqual([
      [1, 10],
      [2, 20],
    ]);
  });

  it('promote fails in the same way', async () => {
    const project = await promotedElsewhere();
    await project.ok('env', 'plan', 'next');
    await project.ok('env', 'apply', 'next');
    const refused = await project.run(['env', 'promote', 'next', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('would undo generation 2 (promote, ana)');
    await project.ok('env', 'promote', 'next', '--yes', '--allow-revert');
    expect(await rowsOf(project, 'transform_x')).toEqual([
      [1, 10],
      [2, 20],
    ]);
  });

  it('an older checkout does not drop a promoted node', async () => {
    const project = await twoChains();
    addNode(project, 'transform.z', "SELECT id FROM ref('transform.y')");
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    await project.ok('env', 'promote', 'dev', '--yes');
    project.remove('seeknal/z.yml');
    const refused = await project.run(['run']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('transform.z');
    expect(project.exists('target/intermediate/transform_z.parquet')).toBe(true);
  });
});
