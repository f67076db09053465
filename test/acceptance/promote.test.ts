import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addNode, addUniqueCustomers, baselineProject, DAILY, inlineProject, type TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function appliedProject(): Promise<TestProject> {
  const project = await baselineProject();
  addUniqueCustomers(project);
  await project.ok('env', 'plan', 'dev');
  await project.ok('env', 'apply', 'dev');
  return project;
}

const hasCustomers = async (project: TestProject, environment?: string) =>
  'unique_customers' in ((await project.query('SELECT * FROM transform_daily_revenue LIMIT 1', environment))[0] ?? {});

describe('env promote', () => {
  it('updates production in one switch, and then nothing is left to do', async () => {
    const project = await appliedProject();
    const before = project.json('target/run_state.json') as never as {
      nodes: Record<string, unknown>;
      last_run: string;
    };
    const result = await project.document('env', 'promote', 'dev', '--yes');
    expect(result).toMatchObject({ format: 'seeknal.run', environment: null, serial: 2, status: 'done' });
    expect(project.node(result, 'transform.daily_revenue')['status']).toBe('promoted');
    expect(await hasCustomers(project)).toBe(true);
    expect(JSON.stringify(project.json('target/manifest.json'))).toContain('unique_customers');
    const state = project.json('target/run_state.json') as never as {
      serial: number;
      nodes: Record<string, unknown>;
      last_run: string;
    };
    expect(state.serial).toBe(2);
    expect(state.nodes['transform.orders_merged']).toEqual(before.nodes['transform.orders_merged']);
    expect(state.nodes['transform.daily_revenue']).toMatchObject({ status: 'promoted' });
    expect(state.last_run >= before.last_run).toBe(true);
    expect((await project.run(['run'])).stdout).toContain('✓ No changes detected. Nothing to run.');
    expect((await project.run(['env', 'plan', 'again'])).stdout).toContain('✓ No changes detected.');
    const twice = await project.run(['env', 'promote', 'dev', '--yes']);
    expect(twice.code).toBe(0);
    expect(twice.stdout + twice.stderr).toMatch(/nothing to promote/i);
  });

  it('names nodes and files in a dry run, and changes nothing', async () => {
    const project = await appliedProject();
    addNode(project, 'transform.extra', "SELECT 1 AS one FROM ref('source.raw_orders')");
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    const before = project.snapshot();
    const outcome = await project.run(['env', 'promote', 'dev', '--dry-run']);
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).toContain('transform.daily_revenue');
    expect(outcome.stdout).toContain('target/intermediate/transform_extra.parquet');
    expect(project.snapshot()).toEqual(before);
  });

  it('lets the environment be deleted afterwards', async () => {
    const project = await appliedProject();
    await project.ok('env', 'promote', 'dev', '--yes');
    await project.ok('env', 'delete', 'dev', '--yes');
    expect((await project.run(['env', 'list'])).stdout).toBe('ℹ No environments found.\n');
    expect(project.exists('target/environments/dev')).toBe(false);
  });

  it('promotes to another environment, and from there to production', async () => {
    const project = await appliedProject();
    await project.ok('promote', 'dev', 'staging', '--yes');
    const listed = (await project.document('env', 'list'))['environments'] as { name: string; status: string }[];
    expect(listed.map(entry => [entry.name, entry.status])).toEqual([
      ['dev', 'applied'],
      ['staging', 'applied'],
    ]);
    expect(await hasCustomers(project, 'staging')).toBe(true);
    expect(await hasCustomers(project)).toBe(false);
    await project.ok('promote', 'staging', '--yes');
    expect(await hasCustomers(project)).toBe(true);
  });

  it('creates another environment from one that is identical to production', async () => {
    const project = await baselineProject();
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await project.ok('env', 'promote', 'dev', 'staging', '--yes')).toContain('Nothing to promote');
    const listed = (await project.document('env', 'list'))['environments'] as { name: string; status: string }[];
    expect(listed.map(entry => [entry.name, entry.status])).toEqual([
      ['dev', 'applied'],
      ['staging', 'applied'],
    ]);
    const apply = await project.ok('env', 'apply', 'staging');
    expect(apply).toContain('✓ No changes to apply.');
    const onward = await project.ok('env', 'promote', 'staging', '--yes');
    expect(onward).toContain("✓ Nothing to promote from 'staging'.");
  });

  it('refuses unapplied and unknown environments', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    await project.ok('env', 'plan', 'dev');
    const early = await project.run(['env', 'promote', 'dev', '--yes']);
    expect([early.code, early.stderr.includes('has not been applied')]).toEqual([1, true]);
    const unknown = await project.run(['env', 'promote', 'nope', '--yes']);
    expect([unknown.code, unknown.stderr.includes("Environment 'nope' not found.")]).toEqual([1, true]);
  });

  it('replaces only changed outputs', async () => {
    const project = await appliedProject();
    const before = project.snapshot('target/intermediate');
    await project.ok('env', 'promote', 'dev', '--yes');
    const after = project.snapshot('target/intermediate');
    const changed = Object.keys(after).filter(path => after[path] !== before[path]);
    expect(changed).toEqual(['target/intermediate/transform_daily_revenue.parquet']);
  });

  it('notices a difference near the end of a file', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `${i},value-${i}`);
    const project = inlineProject({
      'source.s': `id,v\n${rows.join('\n')}\n`,
      'transform.m': "SELECT id, v FROM ref('source.s')",
    });
    await project.ok('run');
    project.write('data/s.csv', `id,v\n${rows.join('\n').replace('4999,value-4999', '4999,other')}\n`);
    await project.ok('env', 'plan', 'dev', '--refresh');
    await project.ok('env', 'apply', 'dev');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await project.query('SELECT v FROM transform_m WHERE id = 4999')).toEqual([{ v: 'other' }]);
  });

  it('refuses an environment with a newer plan; planning the same again does not matter', async () => {
    const project = await appliedProject();
    await project.ok('env', 'plan', 'dev');
    expect((await project.document('env', 'list'))['environments']).toMatchObject([{ status: 'applied' }]);
    const edited = project.read(DAILY);
    project.edit(DAILY, 'unique_customers', 'distinct_customers');
    await project.ok('env', 'plan', 'dev');
    const refused = await project.run(['env', 'promote', 'dev', '--yes']);
    expect([refused.code, refused.stderr.includes('has not been applied')]).toEqual([1, true]);
    expect(await hasCustomers(project)).toBe(false);
    project.write(DAILY, edited);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    await project.ok('env', 'promote', 'dev', '--yes');
  });

  it('promotes exactly what was applied, even if the files changed since', async () => {
    const project = await appliedProject();
    project.edit(DAILY, 'unique_customers', 'distinct_customers');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(await hasCustomers(project)).toBe(true);
    expect(project.read('target/manifest.json')).toContain('unique_customers');
    expect(project.read('target/manifest.json')).not.toContain('distinct_customers');
  });

  it('reports that an SQL file changed since', async () => {
    const project = await baselineProject();
    project.write('sql/one.sql', 'SELECT 1 AS id');
    project.write('seeknal/one.yml', 'kind: transform\nname: one\ntransform_file: sql/one.sql\n');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    project.write('sql/one.sql', 'SELECT 2 AS id');
    expect((await project.run(['env', 'promote', 'dev', '--yes'])).stderr).toContain(
      'The files on disk no longer match production: transform.one.',
    );
    expect(await project.query('FROM transform_one')).toEqual([{ id: 1 }]);
  });

  it('removes the output, state and view of a removed node', async () => {
    const project = await baselineProject();
    project.remove(DAILY);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect((await project.run(['repl', '--env', 'dev', '-e', 'SELECT * FROM transform_daily_revenue'])).code).toBe(1);
    expect((await project.run(['env', 'promote', 'dev', '--dry-run'])).stdout).toContain('transform.daily_revenue');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(project.exists('target/intermediate/transform_daily_revenue.parquet')).toBe(false);
    expect(project.read('target/run_state.json')).not.toContain('daily_revenue');
    expect(project.read('target/manifest.json')).not.toContain('transform.daily_revenue');
    expect((await project.run(['repl', '-e', 'SELECT * FROM transform_daily_revenue'])).code).toBe(1);
  });

  it('refuses a production that moved on, and names it', async () => {
    const project = await appliedProject();
    const last = project.read('data/orders.csv').trim().split('\n').at(-1) ?? '';
    project.append('data/orders.csv', `${last.replace(/^[^,]+/, 'ORD-998')}\n`);
    const edited = project.read(DAILY);
    project.write(DAILY, edited.replace(/,\n\s+COUNT\(DISTINCT customer_id\) as unique_customers/, ''));
    await project.ok('run');
    const before = project.snapshot();
    const refused = await project.run(['env', 'promote', 'dev', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/moved on/);
    expect(project.snapshot()).toEqual(before);
  });

  it('asks, and treats anything but yes as no', async () => {
    const project = await appliedProject();
    const before = project.snapshot();
    const silent = await project.run(['env', 'promote', 'dev']);
    expect(silent.code).toBe(1);
    expect(silent.stderr).toContain('--yes');
    expect(project.snapshot()).toEqual(before);
    await project.ok('env', 'promote', 'dev', '-y');
  });

  it('is reflected in list and show', async () => {
    const project = await appliedProject();
    const listed = await project.run(['env', 'list']);
    expect(listed.stdout).toMatch(/dev\s+applied/);
    const shown = await project.run(['env', 'show', 'dev']);
    expect(shown.stdout).toContain('transform.daily_revenue');
    expect(shown.stdout).toMatch(/promotable/i);
    project.write(
      'target/environments/dev/env_config.json',
      JSON.stringify({
        ...project.json('target/environments/dev/env_config.json'),
        last_used_at: '2020-01-01T00:00:00.000Z',
      }),
    );
    project.remove('target/environments/dev/last_used');
    expect((await project.run(['env', 'list'])).stdout).toContain('EXPIRED');
  });

  it('delete checks first, asks, and does not follow links', async () => {
    const project = await appliedProject();
    const unknown = await project.run(['env', 'delete', 'nope']);
    expect([unknown.code, unknown.stderr.includes("Environment 'nope' not found.")]).toEqual([1, true]);
    const unasked = await project.run(['env', 'delete', 'dev']);
    expect([unasked.code, unasked.stderr.includes('--yes'), project.exists('target/environments/dev')]).toEqual([
      1,
      true,
      true,
    ]);
    const outside = temporaryFolder();
    mkdirSync(`${outside}/precious`);
    symlinkSync(outside, project.path('target/environments/linked'));
    const linked = await project.run(['env', 'delete', 'linked', '--yes']);
    expect(linked.code).toBe(1);
    cpSync(`${outside}/precious`, `${outside}/still-there`, { recursive: true });
    await project.ok('env', 'delete', 'dev', '--yes');
    expect(project.exists('target/environments/dev')).toBe(false);
  });

  it('list shows a corrupt environment and the others', async () => {
    const project = await appliedProject();
    await project.ok('env', 'plan', 'other');
    project.write('target/environments/other/env_config.json', '{');
    const listed = await project.run(['env', 'list', '--json']);
    expect(listed.code).toBe(0);
    expect(
      (JSON.parse(listed.stdout) as { environments: { name: string; status: string }[] }).environments.map(entry => [
        entry.name,
        entry.status,
      ]),
    ).toEqual([
      ['dev', 'applied'],
      ['other', 'corrupt'],
    ]);
  });
});

describe('the order of commands in the chapter', () => {
  it('planning with another profile after the apply keeps it promotable', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    project.write('profiles-dev.yml', 'connections:\n  local_pg: { type: postgresql, host: localhost, port: 5432 }\n');
    await project.ok('env', 'plan', 'dev', '--profile', 'profiles-dev.yml');
    await project.ok('env', 'plan', 'dev');
    expect(await project.ok('env', 'promote', 'dev', '--dry-run')).toContain('transform.daily_revenue');
    await project.ok('env', 'promote', 'dev', '--yes');
    const [row] = await project.query('SELECT * FROM transform_daily_revenue LIMIT 1');
    expect(Object.keys(row ?? {})).toContain('unique_customers');
  });
});
