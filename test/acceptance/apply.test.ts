import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addNode,
  addUniqueCustomers,
  ALL,
  baselineProject,
  DAILY,
  inlineProject,
  type TestProject,
} from './harness.ts';

async function plannedProject(): Promise<TestProject> {
  const project = await baselineProject();
  addUniqueCustomers(project);
  await project.ok('env', 'plan', 'dev');
  return project;
}

const production = (project: TestProject) =>
  Object.fromEntries(
    Object.entries(project.snapshot()).filter(([path]) => /^target\/(intermediate|manifest|run_state)/.test(path)),
  );

const columns = async (project: TestProject, environment?: string) =>
  Object.keys((await project.query('SELECT * FROM transform_daily_revenue LIMIT 1', environment))[0] ?? {});

describe('env apply', () => {
  it('executes only changed nodes, and refers to the others without copying', async () => {
    const project = await plannedProject();
    const before = production(project);
    const result = await project.document('env', 'apply', 'dev');
    expect(result).toMatchObject({ format: 'seeknal.run', version: 1, environment: 'dev', serial: 1, status: 'done' });
    expect(Object.fromEntries(result.nodes.map(node => [node.id, node['status']]))).toEqual({
      'source.raw_orders': 'reused',
      'source.orders_updates': 'reused',
      'transform.orders_cleaned': 'reused',
      'transform.orders_merged': 'reused',
      'transform.daily_revenue': 'executed',
    });
    expect(production(project)).toEqual(before);
    expect(await columns(project, 'dev')).toContain('unique_customers');
    expect(await columns(project)).not.toContain('unique_customers');
    expect((await project.query('SELECT count(*) AS n FROM transform_orders_merged', 'dev'))[0]).toEqual({ n: 14 });
    const own = project.path('target/environments/dev/intermediate/transform_daily_revenue.parquet');
    expect(statSync(own).ino).not.toBe(
      statSync(project.path('target/intermediate/transform_daily_revenue.parquet')).ino,
    );
    const refs = project.json('target/environments/dev/refs.json');
    expect(JSON.stringify(refs)).toContain('transform.orders_merged');
    const merged = project.path('target/intermediate/transform_orders_merged.parquet');
    expect(statSync(merged).nlink).toBeGreaterThan(1);
  });

  it('lists the nodes in a dry run, writes nothing, and leaves the environment planned', async () => {
    const project = await plannedProject();
    const before = project.snapshot();
    expect((await project.run(['env', 'apply', 'dev', '--dry-run'])).stdout).toContain('transform.daily_revenue');
    expect((await project.run(['run', '--env', 'dev', '--show-plan'])).stdout).toContain('transform.daily_revenue');
    expect(project.snapshot()).toEqual(before);
    expect(await project.document('env', 'list').then(list => list['environments'])).toMatchObject([
      { name: 'dev', status: 'planned' },
    ]);
    const promoted = await project.run(['env', 'promote', 'dev', '--yes']);
    expect(promoted.code).toBe(1);
    expect(promoted.stderr).toContain('has not been applied');
  });

  it('refuses a stale plan, names what changed, and executes nothing', async () => {
    const project = await plannedProject();
    project.edit(DAILY, 'unique_customers', 'distinct_customers');
    const before = project.snapshot();
    const outcome = await project.run(['env', 'apply', 'dev']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/Plan is stale.*transform\.daily_revenue.*Run 'seeknal env plan dev' to refresh/);
    expect(project.snapshot()).toEqual(before);
  });

  it('applies a stale plan with --force and says so', async () => {
    const project = await plannedProject();
    project.edit(DAILY, 'unique_customers', 'distinct_customers');
    const outcome = await project.run(['env', 'apply', 'dev', '--force']);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('--force');
    expect(await columns(project, 'dev')).toContain('unique_customers');
  });

  it('names a changed profile and a production that moved on', async () => {
    const project = await plannedProject();
    project.write('profiles-dev.yml', 'connections: {}\n');
    await project.ok('env', 'plan', 'dev');
    project.write('profiles-dev.yml', 'connections: {}\n# more\n');
    expect((await project.run(['env', 'apply', 'dev'])).stderr).toMatch(/Plan is stale.*profiles-dev\.yml/);
    await project.ok('env', 'plan', 'dev');
    project.append('data/orders.csv', '');
    project.edit(DAILY, 'unique_customers', 'other_customers');
    await project.ok('run');
    project.edit(DAILY, 'other_customers', 'unique_customers');
    expect((await project.run(['env', 'apply', 'dev'])).stderr).toMatch(/Plan is stale.*production moved on/i);
  });

  it('refuses unknown environments and missing plans', async () => {
    const project = await plannedProject();
    const unknown = await project.run(['env', 'apply', 'x']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("Environment 'x' not found.");
    expect(unknown.stderr).toContain('dev');
    project.remove('target/environments/dev/plan.json');
    const missing = await project.run(['env', 'apply', 'dev']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("No plan found for environment 'dev'");
  });

  it('ignores a plan that was edited by hand', async () => {
    const project = await plannedProject();
    project.edit('target/environments/dev/plan.json', '"action":"run"', '"action":"reuse"');
    expect((await project.run(['env', 'apply', 'dev'])).stderr).toContain("No plan found for environment 'dev'");
  });

  it('succeeds and stays promotable with metadata changes or no changes', async () => {
    const project = await baselineProject();
    await project.ok('env', 'plan', 'dev');
    const empty = await project.run(['env', 'apply', 'dev']);
    expect(empty.code).toBe(0);
    expect(empty.stdout).toContain('✓ No changes to apply.');
    project.write(DAILY, `owner: finance\n${project.read(DAILY).replace(/^owner:.*\n/gm, '')}`);
    await project.ok('env', 'plan', 'dev');
    const result = await project.document('env', 'apply', 'dev');
    expect(result.nodes.every(node => node['status'] === 'reused')).toBe(true);
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(JSON.stringify(project.json('target/manifest.json'))).toContain('finance');
  });

  it('fails with a failed node, skips and names the nodes below it, and runs the others on request', async () => {
    const project = inlineProject({
      'source.s': 'id\n1\n',
      'transform.bad': "SELECT error('stop') AS x FROM ref('source.s')",
      'transform.below': "SELECT x FROM ref('transform.bad')",
      'transform.beside': "SELECT id FROM ref('source.s')",
    });
    await project.ok('env', 'plan', 'dev');
    const outcome = await project.run(['env', 'apply', 'dev', '--continue-on-error', '--json']);
    expect(outcome.code).toBe(1);
    const result = JSON.parse(outcome.stdout) as never as { status: string; nodes: { id: string; status: string }[] };
    expect(result.status).toBe('failed');
    expect(Object.fromEntries(result.nodes.map(node => [node.id, node.status]))).toEqual({
      'source.s': 'executed',
      'transform.bad': 'failed',
      'transform.below': 'skipped',
      'transform.beside': 'executed',
    });
    const human = await project.run(['env', 'apply', 'dev']);
    expect(human.code).toBe(1);
    expect(human.stdout + human.stderr).toContain('transform.below');
    expect((await project.document('env', 'list'))['environments']).toMatchObject([{ status: 'failed' }]);
    expect((await project.run(['env', 'promote', 'dev', '--yes'])).stderr).toContain('has not been applied');
  });

  it('writes an output without rows with its columns', async () => {
    const project = inlineProject({
      'source.s': 'id,v\n1,a\n',
      'transform.none': "SELECT id, v FROM ref('source.s') WHERE id > 5",
      'transform.below': "SELECT count(*) AS n, max(v) AS v FROM ref('transform.none')",
    });
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await project.query('SELECT * FROM transform_below', 'dev')).toEqual([{ n: 0, v: null }]);
    expect(await project.query('DESCRIBE transform_none', 'dev')).toMatchObject([
      { column_name: 'id', column_type: 'BIGINT' },
      { column_name: 'v', column_type: 'VARCHAR' },
    ]);
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await project.query('SELECT * FROM transform_none')).toEqual([]);
  });

  it('neither keeps nor promotes what an earlier plan built', async () => {
    const project = inlineProject({
      'source.s': 'id,v\n1,2\n',
      'transform.a': "SELECT id, v FROM ref('source.s')",
      'transform.b': "SELECT id, v AS w FROM ref('transform.a')",
    });
    await project.ok('run');
    addNode(project, 'transform.a', "SELECT id, v * 100 AS v FROM ref('source.s')");
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    addNode(project, 'transform.a', "SELECT id, v FROM ref('source.s')");
    addNode(project, 'transform.b', "SELECT id, v + 1 AS w FROM ref('transform.a')");
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await project.query('SELECT a.v, b.w FROM transform_a a, transform_b b', 'dev')).toEqual([{ v: 2, w: 3 }]);
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await project.query('SELECT a.v, b.w FROM transform_a a, transform_b b')).toEqual([{ v: 2, w: 3 }]);
  });

  it('takes new data of production with the next plan', async () => {
    const project = await plannedProject();
    await project.ok('env', 'apply', 'dev');
    const edited = project.read(DAILY);
    project.write(DAILY, edited.replace(/,\n\s+COUNT\(DISTINCT customer_id\) as unique_customers/, ''));
    const days = async (environment?: string) =>
      (await project.query('SELECT count(*) AS n FROM transform_daily_revenue', environment))[0];
    const header = project.read('data/orders.csv').split('\n')[0] ?? '';
    const last = project.read('data/orders.csv').trim().split('\n').at(-1) ?? '';
    expect(header).toContain('order_id');
    project.append(
      'data/orders.csv',
      `${last.replace(/^[^,]+/, 'ORD-999').replace(/\d{4}-\d{2}-\d{2}/, '2031-01-01')}\n`,
    );
    await project.ok('run');
    project.write(DAILY, edited);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await days('dev')).toEqual({ n: 9 });
    expect(await days()).toEqual({ n: 9 });
  });

  it('builds everything it needs without production outputs', async () => {
    const project = inlineProject({ 'source.s': 'id\n1\n', 'transform.a': "SELECT id FROM ref('source.s')" });
    await project.ok('env', 'plan', 'dev');
    const result = await project.document('env', 'apply', 'dev');
    expect(result.nodes.map(node => node['status'])).toEqual(['executed', 'executed']);
    expect(project.exists('target/intermediate/transform_a.parquet')).toBe(false);
  });

  it('keeps nodes apart with parallel workers', async () => {
    const nodes: Record<string, string> = {};
    for (let i = 0; i < 12; i += 1) {
      nodes[`source.s${i}`] = `id\n${i}\n`;
      nodes[`transform.t${i}`] =
        `CREATE TEMP TABLE step AS SELECT id * 10 AS x FROM ref('source.s${i}');\nSELECT x FROM step`;
    }
    const project = inlineProject(nodes);
    const all = Array.from({ length: 12 }, (_, i) => `SELECT ${i} AS i, x FROM transform_t${i}`).join(' UNION ALL ');
    const expected = Array.from({ length: 12 }, (_, i) => ({ i, x: i * 10 }));
    for (let round = 0; round < 10; round += 1) {
      await project.ok('run', '--full', '--parallel', '--max-workers', '8');
      expect(await project.query(`SELECT * FROM (${all}) ORDER BY i`)).toEqual(expected);
    }
    addNode(project, 'transform.bad', "SELECT error('stop') AS x FROM ref('source.s0')");
    addNode(project, 'transform.below', "SELECT x FROM ref('transform.bad')");
    const failed = await project.run(['run', '--parallel', '--continue-on-error', '--json']);
    expect(failed.code).toBe(1);
    const result = JSON.parse(failed.stdout) as never as { nodes: { id: string; status: string }[] };
    expect(result.nodes.filter(node => /bad|below/.test(node.id)).map(node => node.status)).toEqual([
      'failed',
      'skipped',
    ]);
    expect((await project.run(['run', '--parallel', '--max-workers', '0'])).code).toBe(1);
  });

  it('accepts the flags of run --env and refuses those that do not apply', async () => {
    const project = await plannedProject();
    for (const flags of [
      ['--full'],
      ['--nodes', 'daily_revenue'],
      ['--tags', 'core'],
      ['--types', 'source'],
      ['--exclude-tags', 'core'],
    ]) {
      const outcome = await project.run(['run', '--env', 'dev', ...flags]);
      expect(outcome.code, flags.join(' ')).toBe(1);
      expect(outcome.stderr).toContain(flags[0]);
    }
    const result = await project.document(
      'run',
      '--env',
      'dev',
      '--parallel',
      '--max-workers',
      '2',
      '--continue-on-error',
    );
    expect(project.node(result, 'transform.daily_revenue')['status']).toBe('executed');
  });

  it('writes status, rows, fingerprint and duration to run_state.json', async () => {
    const project = await plannedProject();
    await project.ok('env', 'apply', 'dev');
    const state = project.json('target/environments/dev/run_state.json') as never as {
      format: string;
      serial: number;
      nodes: Record<string, Record<string, unknown>>;
    };
    expect(state).toMatchObject({ format: 'seeknal.run-state', version: 1, serial: 1 });
    expect(Object.keys(state.nodes).sort()).toEqual(ALL);
    expect(state.nodes['transform.daily_revenue']).toMatchObject({
      status: 'executed',
      rows: 8,
      seconds: expect.any(Number),
      fingerprint: expect.any(String),
      artefact: expect.any(String),
    });
  });

  it('works from any folder with --project-path', async () => {
    const project = await plannedProject();
    const outcome = await project.run(['env', 'apply', 'dev', '--project-path', project.root], { cwd: project.home });
    expect(outcome.code, outcome.stderr).toBe(0);
    expect((await project.run(['list'], { cwd: project.path('seeknal') })).code).toBe(0);
  });

  it('runs consumers of changed data, reuses the others, and gives the reason', async () => {
    const project = inlineProject({
      'source.s': 'id,v\n1,2\n3,4\n',
      'transform.m': "SELECT id, v FROM ref('source.s')",
      'transform.reads_v': "SELECT v FROM ref('transform.m')",
      'transform.below': "SELECT v FROM ref('transform.reads_v')",
      'transform.reads_id': "SELECT id FROM ref('transform.m')",
    });
    await project.ok('run');
    addNode(project, 'transform.m', "SELECT id, v + 1 AS v FROM ref('source.s')");
    const plan = await project.document('env', 'plan', 'dev');
    for (const id of ['transform.reads_v', 'transform.below']) {
      expect(project.node(plan, id)).toMatchObject({ change: 'none', category: null, action: 'run' });
    }
    expect(project.node(plan, 'transform.reads_v')['reason']).toMatch(/transform\.m/);
    expect(project.node(plan, 'transform.reads_id')).toMatchObject({ change: 'none', category: null, action: 'reuse' });
    const applied = await project.document('env', 'apply', 'dev');
    expect(project.node(applied, 'transform.reads_id')['status']).toBe('reused');
    expect(await project.query('FROM transform_below ORDER BY v', 'dev')).toEqual([{ v: 3 }, { v: 5 }]);
    addNode(project, 'transform.m', "SELECT id, v + 1 AS v FROM ref('source.s') WHERE id > 1");
    const fewer = await project.document('env', 'plan', 'dev');
    expect(project.node(fewer, 'transform.reads_id')).toMatchObject({ change: 'none', action: 'run' });
  });
});
