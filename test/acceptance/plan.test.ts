import { describe, expect, it } from 'vitest';
import {
  addNode,
  addUniqueCustomers,
  ALL,
  baselineProject,
  CLEANED,
  DAILY,
  finishedProject,
  inlineProject,
  MERGED,
} from './harness.ts';

const RULE = '='.repeat(60);

describe('env plan', () => {
  it('says that nothing changed, in the words of the chapter', async () => {
    const project = await baselineProject();
    const outcome = await project.run(['env', 'plan', 'dev']);
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain(
      `ℹ Planning environment 'dev'...\n\nℹ Environment Plan: dev\n${RULE}\n✓ No changes detected.\n`,
    );
  });

  it('plans one node for an added column, and does not touch production', async () => {
    const project = await baselineProject();
    const before = project.snapshot();
    addUniqueCustomers(project);
    const outcome = await project.run(['env', 'plan', 'dev']);
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain(`ℹ Environment Plan: dev\n${RULE}\n  Non-breaking changes: 1\n`);
    expect(outcome.stdout).toContain('  Total nodes to execute: 1\n');
    expect(outcome.stdout).toContain('✓ Plan saved to target/environments/dev/plan.json\n');
    const after = project.snapshot();
    expect(
      Object.fromEntries(Object.entries(after).filter(([path]) => !path.startsWith('target/environments/'))),
    ).toEqual(before);
    for (const file of ['plan.json', 'manifest.json', 'env_config.json'])
      expect(project.exists(`target/environments/dev/${file}`)).toBe(true);
    const plan = project.json('target/environments/dev/plan.json') as never as {
      nodes: { id: string; change: string; action: string }[];
    };
    expect(plan.nodes.filter(node => node.change !== 'none' || node.action !== 'reuse')).toMatchObject([
      {
        id: 'transform.daily_revenue',
        change: 'modified',
        action: 'run',
        category: 'non_breaking',
        columns: { added: ['unique_customers'], removed: [], retyped: [], changed: [] },
      },
    ]);
  });

  it('shows every node as new and non-breaking without production', async () => {
    const project = finishedProject();
    const plan = await project.document('env', 'plan', 'dev');
    expect(plan['summary']).toEqual({
      breaking: 0,
      non_breaking: 5,
      metadata: 0,
      new: 5,
      removed: 0,
      to_execute: 5,
      to_verify: 0,
      to_move: 5,
    });
    expect(plan.nodes.map(node => [node.id, node['change'], node['action']]).sort()).toEqual(
      ALL.map(id => [id, 'new', 'run']),
    );
    expect(plan['base']).toBeNull();
  });

  it('treats a removed declared column as breaking, other documentation as metadata, and a wrong dtype as an error', async () => {
    const project = inlineProject({ 'source.s': 'id,amount\n1,2.5\n' });
    const declare = (columns: string) =>
      addNode(project, 'transform.m', "SELECT id, amount FROM ref('source.s')", columns);
    declare('columns: { id: Key, amount: { description: Net, dtype: DOUBLE } }\n');
    await project.ok('run');
    declare('columns: { id: Key }\n');
    expect(project.node(await project.document('env', 'plan', 'dev'), 'transform.m')).toMatchObject({
      category: 'breaking',
      action: 'reuse',
    });
    declare('columns: { id: Other words, amount: { description: Net, dtype: DOUBLE } }\n');
    expect(project.node(await project.document('env', 'plan', 'dev'), 'transform.m')).toMatchObject({
      category: 'metadata',
      action: 'reuse',
    });
    declare('columns: { id: Key, amount: { dtype: VARCHAR } }\n');
    const wrong = await project.run(['env', 'plan', 'dev']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('amount');
    expect(wrong.stderr).toContain('DOUBLE');
  });

  it('treats description, owner and tags as metadata', async () => {
    const project = await baselineProject();
    project.write(DAILY, `owner: finance\ntags: [nightly]\n${project.read(DAILY).replace(/^(owner|tags):.*\n/gm, '')}`);
    const plan = await project.document('env', 'plan', 'dev');
    expect(plan['summary']).toEqual({
      breaking: 0,
      non_breaking: 0,
      metadata: 1,
      new: 0,
      removed: 0,
      to_execute: 0,
      to_verify: 0,
      to_move: 1,
    });
  });

  it('treats other SQL with the same columns as non-breaking', async () => {
    const project = inlineProject({ 'source.s': 'id,v\n1,2\n', 'transform.m': "SELECT id, v FROM ref('source.s')" });
    await project.ok('run');
    addNode(project, 'transform.m', "SELECT id, v + 1 AS v FROM ref('source.s')");
    expect(project.node(await project.document('env', 'plan', 'dev'), 'transform.m')).toMatchObject({
      category: 'non_breaking',
      action: 'run',
      columns: { changed: ['v'] },
      rows_changed: false,
    });
  });

  it('refuses to drop a column that a consumer reads; an unread one is breaking', async () => {
    const project = inlineProject({
      'source.s': 'id,v,w\n1,2,3\n',
      'transform.m': "SELECT id, v, w FROM ref('source.s')",
      'transform.d': "SELECT id, v FROM ref('transform.m')",
    });
    await project.ok('run');
    addNode(project, 'transform.m', "SELECT id, w FROM ref('source.s')");
    const refused = await project.run(['env', 'plan', 'dev']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/seeknal\/d\.yml:6:14/);
    expect(refused.stderr).toContain("Column 'v' does not exist");
    addNode(project, 'transform.m', "SELECT id, v FROM ref('source.s')");
    const plan = await project.document('env', 'plan', 'dev');
    expect(project.node(plan, 'transform.m')).toMatchObject({ category: 'breaking', columns: { removed: ['w'] } });
    expect(project.node(plan, 'transform.d')).toMatchObject({
      change: 'none',
      category: null,
      action: 'reuse',
      verify: true,
    });
  });

  it('ignores whitespace, comments and the case of keywords', async () => {
    const project = inlineProject({
      'source.s': 'id,v\n1,2\n',
      'transform.m': "SELECT id, v FROM ref('source.s') WHERE v > 1",
    });
    await project.ok('run');
    addNode(
      project,
      'transform.m',
      "select id, -- the key\n       v\nfrom ref('source.s')\nwhere v > 1 /* only these */",
    );
    const plan = await project.document('env', 'plan', 'dev');
    expect(plan['summary']).toMatchObject({ breaking: 0, non_breaking: 0, metadata: 1, to_execute: 0 });
  });

  it('counts and lists new and removed nodes', async () => {
    const project = await baselineProject();
    project.remove(DAILY);
    const removedOnly = await project.run(['env', 'plan', 'dev']);
    expect(removedOnly.stdout).not.toContain('No changes detected');
    expect(removedOnly.stdout).toContain('  Breaking changes: 1\n');
    expect(removedOnly.stdout).toContain('  Removed nodes: 1\n');
    addNode(project, 'transform.extra', "SELECT count(*) AS n FROM ref('transform.orders_merged')");
    const both = await project.run(['env', 'plan', 'dev']);
    expect(both.stdout).toContain('  New nodes: 1\n');
    const plan = await project.document('env', 'plan', 'dev');
    expect(project.node(plan, 'transform.extra')).toMatchObject({ change: 'new', category: 'non_breaking' });
    expect(plan.nodes.at(-1)).toMatchObject({
      id: 'transform.daily_revenue',
      change: 'removed',
      category: 'breaking',
      action: 'remove',
    });
  });

  it('categorises changed inputs and kinds', async () => {
    const project = inlineProject({
      'source.a': 'id\n1\n',
      'source.b': 'id\n2\n',
      'transform.m': "SELECT id FROM ref('source.a') UNION ALL SELECT id FROM ref('source.b')",
      'transform.n': "SELECT id FROM ref('source.a')",
    });
    await project.ok('run');
    addNode(project, 'transform.m', "SELECT id FROM ref('source.a')");
    addNode(project, 'transform.n', "SELECT id FROM ref('source.a') UNION ALL SELECT id FROM ref('source.b')");
    project.write('seeknal/b.yml', 'kind: source\nname: b\nsource: json\ntable: data/b.jsonl\n');
    project.write('data/b.jsonl', '{"id": 2}\n');
    const plan = await project.document('env', 'plan', 'dev');
    expect(project.node(plan, 'transform.m')['category']).toBe('breaking');
    expect(project.node(plan, 'transform.n')['category']).toBe('non_breaking');
    expect(project.node(plan, 'source.b')['category']).toBe('breaking');
  });

  it('keeps created_at and the fingerprint when planning again, and updates last_used_at', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    const first = await project.document('env', 'plan', 'dev');
    const config = project.json('target/environments/dev/env_config.json');
    const second = await project.document('env', 'plan', 'dev');
    const again = project.json('target/environments/dev/env_config.json');
    expect(first['fingerprint']).toMatch(/^[0-9a-f]{64}$/);
    expect(second['fingerprint']).toBe(first['fingerprint']);
    expect(again['created_at']).toBe(config['created_at']);
    expect(String(again['last_used_at']) > String(config['last_used_at'])).toBe(true);
  });

  it('compares with the last run or promotion only', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    const commands = [['plan'], ['validate'], ['run', '--dry-run'], ['run', '--show-plan'], ['apply', DAILY, '--yes']];
    for (const command of commands) {
      expect((await project.run(command)).code, command.join(' ')).toBe(0);
      expect((await project.document('env', 'plan', 'dev'))['summary'], command.join(' ')).toMatchObject({
        non_breaking: 1,
        to_execute: 1,
      });
    }
    addNode(project, 'transform.broken', "SELECT 1 / 0 AS x, error('stop') AS y FROM ref('source.raw_orders')");
    expect((await project.run(['run'])).code).toBe(1);
    project.remove('seeknal/broken.yml');
    expect((await project.document('env', 'plan', 'dev'))['summary']).toMatchObject({ non_breaking: 1 });
  });

  it('lists every mistake with its position, and writes nothing', async () => {
    const project = await baselineProject();
    project.write('seeknal/bad.yml', 'kind: transform\nname: [\n');
    project.write('seeknal/double.yml', project.read(DAILY));
    project.write('seeknal/typo.yml', 'kind: transform\nname: typo\ntransfrom: SELECT 1\n');
    const before = project.snapshot();
    const outcome = await project.run(['env', 'plan', 'dev']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/seeknal\/bad\.yml:\d+:\d+/);
    expect(outcome.stderr).toContain('transform.daily_revenue');
    expect(outcome.stderr).toContain("'transform'");
    expect(project.snapshot()).toEqual(before);
    const json = await project.run(['env', 'plan', 'dev', '--json']);
    const document = JSON.parse(json.stdout) as { format: string; diagnostics: { file: string; code: string }[] };
    expect(document.format).toBe('seeknal.error');
    expect(new Set(document.diagnostics.map(entry => entry.file))).toContain('seeknal/typo.yml');
  });

  it('suggests a name for an unknown input', async () => {
    const project = await baselineProject();
    project.edit(DAILY, 'ref: transform.orders_merged', 'ref: transform.orders_mergd');
    const outcome = await project.run(['env', 'plan', 'dev']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('transform.orders_mergd');
    expect(outcome.stderr).toMatch(/did you mean '?transform\.orders_merged/i);
  });

  it('shows a cycle as a path', async () => {
    const project = inlineProject({
      'transform.a': "SELECT * FROM ref('transform.b')",
      'transform.b': "SELECT * FROM ref('transform.a')",
    });
    const outcome = await project.run(['env', 'plan', 'dev']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('transform.a → transform.b → transform.a');
  });

  it('ignores file times', async () => {
    const project = await baselineProject();
    for (const file of [DAILY, MERGED, CLEANED, 'data/orders.csv']) project.write(file, project.read(file));
    expect((await project.run(['env', 'plan', 'dev'])).stdout).toContain('✓ No changes detected.');
    expect((await project.run(['run'])).stdout).toContain('✓ No changes detected. Nothing to run.');
  });

  it('accepts dates in YAML', async () => {
    const project = inlineProject({ 'source.s': 'id,d\n1,2024-01-02\n' });
    addNode(
      project,
      'transform.m',
      "SELECT id FROM ref('source.s') WHERE d > DATE '2024-01-01'",
      'params: { since: 2024-01-01, at: 2024-01-01T10:00:00Z }\n',
    );
    await project.ok('env', 'plan', 'dev');
    await project.ok('run');
    expect(await project.query('SELECT id FROM transform_m')).toEqual([{ id: 1 }]);
  });

  it('has the short form plan ENV', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    project.write('profiles-dev.yml', 'connections: {}\n');
    const a = await project.run(['env', 'plan', 'dev']);
    const b = await project.run(['plan', 'dev']);
    expect(b).toEqual(a);
    expect(a.stdout + a.stderr).toContain('profiles-dev.yml');
  });
});

describe('environment names', () => {
  const bad = ['', '.', '..', '../x', '/etc/x', 'a/b', 'dev x', 'Dev', 'a'.repeat(41), 'prod', 'production'];
  const commands = (name: string) => [
    ['env', 'plan', name],
    ['env', 'apply', name],
    ['env', 'promote', name, '--yes'],
    ['env', 'promote', 'dev', name, '--yes'],
    ['env', 'rollback', name, '--yes'],
    ['env', 'diff', name],
    ['env', 'delete', name, '--yes'],
    ['env', 'show', name],
    ['repl', '--env', name, '-e', 'SELECT 1'],
    ['run', '--env', name],
  ];

  it.each(bad)('are refused everywhere before any file is touched: %j', async name => {
    const project = await baselineProject();
    const before = project.snapshot();
    for (const command of commands(name)) {
      const outcome = await project.run(command);
      expect(outcome.code, `${command.join(' ')}: ${outcome.stdout}${outcome.stderr}`).toBe(1);
      expect(outcome.stderr, command.join(' ')).toContain('error[environment-name]');
    }
    expect(project.snapshot()).toEqual(before);
  });

  it('are accepted if valid, and of two with the same prefix only the first', async () => {
    const project = await baselineProject();
    for (const name of ['dev', 'staging', 'exp_ml', 'ci_1a2b'])
      expect((await project.run(['env', 'plan', name])).code).toBe(0);
    expect((await project.run(['env', 'plan', 'exp-ml'])).code).toBe(1);
    await project.ok('env', 'delete', 'exp_ml', '--yes');
    expect((await project.run(['env', 'plan', 'exp-ml'])).code).toBe(0);
  });
});

describe('mistakes', () => {
  it('include both broken YAML and queries that do not bind, and nothing is written', async () => {
    const project = inlineProject({
      'source.s': 'id,v\n1,2\n',
      'transform.m': "SELECT nosuch FROM ref('source.s')",
      'transform.n': "SELECT id FROM ref('source.s')",
    });
    project.write('seeknal/n.yml', `${project.read('seeknal/n.yml')}nmae: x\n`);
    for (const command of [['env', 'plan', 'dev'], ['plan'], ['run'], ['validate']]) {
      const refused = await project.run(command);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('seeknal/m.yml:6:10');
      expect(refused.stderr).toContain('seeknal/n.yml:7:1');
      expect(refused.stderr).toContain('The project has 2 mistakes.');
      expect(Object.keys(project.snapshot())).toEqual([]);
    }
  });
});

it('plan reports changes in its exit code with --detailed-exitcode', async () => {
  const project = await baselineProject();
  expect((await project.run(['env', 'plan', 'dev', '--detailed-exitcode'])).code).toBe(0);
  addUniqueCustomers(project);
  expect((await project.run(['env', 'plan', 'dev', '--detailed-exitcode'])).code).toBe(2);
  expect((await project.run(['plan', '--detailed-exitcode'])).code).toBe(2);
  expect((await project.run(['plan'])).code).toBe(0);
});

it('plan refuses rowid, which only DuckDB’s own tables have, with its position', async () => {
  const project = inlineProject({
    'source.s': 'id\n1\n',
    'transform.m': "SELECT id, rowid AS r FROM ref('source.s')",
    'transform.n': "CREATE TEMP TABLE t AS FROM ref('source.s'); SELECT id, rowid AS r FROM t",
    'transform.o': "SELECT count(*) AS n FROM ref('source.s')",
  });
  const refused = await project.run(['plan']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("seeknal/m.yml:6:14: error[unknown-column]: Column 'rowid' does not exist");
  expect(refused.stderr).toContain('The project has 1 mistake.');
});

describe('reasons and notices of a plan', () => {
  const project = () => inlineProject({ 'source.o': 'id\n1\n', 'transform.a': "SELECT id FROM ref('source.o')" });
  const reasonOf = async (made: ReturnType<typeof project>, id: string): Promise<unknown> =>
    made.node(await made.document('plan'), id)['reason'];

  it('report a missing file only if it is missing', async () => {
    const made = project();
    await made.ok('run');
    made.edit('seeknal/a.yml', 'name: a', 'name: a2');
    expect(await reasonOf(made, 'transform.a')).toBe('its file seeknal/a.yml now defines transform.a2');
    made.write('seeknal/moved/b.yml', made.read('seeknal/a.yml'));
    made.remove('seeknal/a.yml');
    expect(await reasonOf(made, 'transform.a')).toBe('its file seeknal/a.yml is gone');
  });

  it('report pinned sources only if they have new data', async () => {
    const made = project();
    await made.ok('run');
    const pinned = /New data in source\.o: source data is pinned; --refresh reads it\n/;
    expect(await made.ok('env', 'plan', 'dev')).not.toMatch(pinned);
    made.append('data/o.csv', '2\n');
    const shown = await made.ok('env', 'plan', 'dev', '-v');
    expect(shown).toMatch(/✓ No changes detected\.\nℹ New data/);
    expect(shown).toMatch(pinned);
    expect(shown).toMatch(/production's data of \S+Z; --refresh reads it; its files changed since\n/);
    addNode(made, 'transform.a', "SELECT id, 1 AS one FROM ref('source.o')");
    expect(await made.ok('env', 'plan', 'dev')).toMatch(pinned);
    expect(await made.ok('env', 'plan', 'dev', '--refresh')).not.toMatch(pinned);
    made.remove('data/o.csv');
    expect(await made.ok('env', 'plan', 'dev')).not.toMatch(pinned);
  });
});
