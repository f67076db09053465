import { describe, expect, it } from 'vitest';
import { addUniqueCustomers, baselineProject, DAILY, finishedProject, type TestProject } from './acceptance/harness.ts';
import { SCHEMA_NAMES, schemaViolations } from './schemas.ts';
import { describePostgres, startPostgres } from './servers/postgres.ts';

describe('published schemas', () => {
  it('exist for every document format', () => {
    expect(SCHEMA_NAMES).toEqual([
      'apply',
      'cleanup',
      'connection-test',
      'diff',
      'diff-definitions',
      'doctor',
      'draft',
      'dry-run',
      'env-config',
      'env-delete',
      'env-show',
      'environments',
      'error',
      'graph',
      'history',
      'init',
      'lineage',
      'list',
      'manifest',
      'plan',
      'refs',
      'run',
      'run-state',
      'show',
      'validate',
    ]);
  });

  it('compile and report missing properties', () => {
    expect(
      SCHEMA_NAMES.filter(name => schemaViolations({ format: `seeknal.${name}`, version: 1 }).length === 0),
    ).toEqual([]);
    expect(schemaViolations({ format: 'seeknal.environments', version: 1 })).toEqual([
      "/ must have required property 'environments'",
    ]);
    expect(schemaViolations({ format: 'seeknal.nothing' })).toEqual(['no schema for format "seeknal.nothing"']);
  });

  it('accept documents with unknown keys', () => {
    const environments = [
      {
        name: 'dev',
        status: 'applied',
        serial: 2,
        created_at: '2026-01-01T10:00:00.000Z',
        last_used_at: '2026-01-02T10:00:00Z',
        expires_at: null,
        expired: false,
        later: 1,
      },
    ];
    expect(schemaViolations({ format: 'seeknal.environments', version: 1, environments, later: true })).toEqual([]);
  });
});

describe('what commands print with --json', () => {
  it('matches the schemas before and after the first run', async () => {
    const project = finishedProject();
    expect(await violationsOf(project, [['plan'], ['env', 'list'], ['run'], ['plan'], ['run']])).toEqual([]);
    expect(violationsOfFiles(project, ['target/manifest.json', 'target/run_state.json'])).toEqual([]);
  });

  it('matches the schemas during plan, apply and promote', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    const planned = [
      ['env', 'plan', 'dev'],
      ['env', 'apply', 'dev', '--dry-run'],
      ['env', 'apply', 'dev'],
      ['env', 'diff', 'dev', '--limit', '2'],
      ['env', 'list'],
    ];
    expect(await violationsOf(project, planned)).toEqual([]);
    const folder = 'target/environments/dev';
    expect(
      violationsOfFiles(project, [
        `${folder}/plan.json`,
        `${folder}/manifest.json`,
        `${folder}/run_state.json`,
        `${folder}/refs.json`,
      ]),
    ).toEqual([]);
    const promoted = [
      ['env', 'promote', 'dev', '--dry-run'],
      ['env', 'promote', 'dev', '--yes'],
      ['run', '--dry-run'],
      ['env', 'rollback', '--dry-run'],
      ['env', 'rollback', '--yes'],
      ['env', 'history'],
      ['env', 'history', 'dev'],
      ['lineage', 'transform.daily_revenue'],
    ];
    expect(await violationsOf(project, promoted)).toEqual([]);
  });

  it('matches the schemas for commands that write and show definitions', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    const shown = [
      ['list'],
      ['show', 'transform.daily_revenue'],
      ['show', 'source.raw_orders'],
      ['validate'],
      ['lineage'],
      ['diff'],
      ['init', '--path', 'another', '--template', 'empty'],
      ['draft', 'transform', 'late'],
      ['dry-run', DAILY],
      ['dry-run', DAILY, '--schema-only'],
      ['apply', DAILY, '--yes'],
      ['env', 'plan', 'dev'],
      ['env', 'show', 'dev'],
    ];
    expect(await violationsOf(project, shown)).toEqual([]);
    expect(violationsOfFiles(project, ['target/environments/dev/env_config.json'])).toEqual([]);
    expect(await violationsOf(project, [['env', 'delete', 'dev', '--yes']])).toEqual([]);
  });

  it('matches the schemas for doctor and cleanup', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    await project.ok('run');
    project.write('seeknal_project.yml', 'name: x\nsettings: { keep_generations: 1, keep_days: 0 }\n');
    project.remove('target/manifest.json');
    const commands = [['doctor'], ['doctor', '--repair'], ['cleanup', '--dry-run'], ['cleanup', '--yes'], ['doctor']];
    expect(await violationsOf(project, commands)).toEqual([]);
  });

  it('matches the schemas when it fails', async () => {
    const project = await baselineProject();
    project.edit(DAILY, 'GROUP BY order_date', 'GROUP BY order_dat');
    expect(await violationsOf(project, [['env', 'plan', 'dev'], ['env', 'apply', 'dev'], ['run']])).toEqual([]);
  });
});

describePostgres('what commands print with --json about external targets', () => {
  it('matches the schemas', async () => {
    const { port, user, rows } = await startPostgres();
    const schemas = () => rows(`SELECT nspname FROM pg_namespace WHERE nspname LIKE '%analytics' ORDER BY 1`);
    const project = await baselineProject();
    const server = `{ type: postgresql, host: localhost, port: ${port}, database: postgres, user: ${user} }`;
    project.write('profiles.yml', `connections: { pg: ${server} }\n`);
    const target = (table: string): string => `  - { type: postgresql, connection: pg, table: ${table} }\n`;
    project.edit(DAILY, 'inputs:', `materializations:\n${target('analytics.daily')}inputs:`);
    const commands = [['connection-test', 'pg'], ['plan'], ['run']];
    expect(await violationsOf(project, commands)).toEqual([]);
    addUniqueCustomers(project);
    const promoted = [
      ['env', 'plan', 'dev'],
      ['env', 'apply', 'dev'],
      ['env', 'promote', 'dev', '--yes'],
      ['env', 'promote', 'dev', '--rematerialize', '--yes'],
    ];
    expect(await violationsOf(project, promoted)).toEqual([]);
    expect(await schemas()).toEqual([['analytics'], ['dev_analytics']]);
    expect(violationsOfFiles(project, ['target/run_state.json'])).toEqual([]);
    const ended = [
      ['env', 'delete', 'dev', '--drop-schemas', '--yes'],
      ['env', 'rollback', '--yes'],
      ['cleanup', '--yes'],
    ];
    expect(await violationsOf(project, ended)).toEqual([]);
    expect(await schemas()).toEqual([['analytics']]);
  });
});

async function violationsOf(
  project: TestProject,
  commands: readonly (readonly string[])[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const command of commands) {
    const { stdout } = await project.run([...command, '--json']);
    found.push(...schemaViolations(JSON.parse(stdout)).map(violation => `${command.join(' ')}: ${violation}`));
  }
  return found;
}

const violationsOfFiles = (project: TestProject, files: readonly string[]): readonly string[] =>
  files.flatMap(file => schemaViolations(project.json(file)).map(violation => `${file}: ${violation}`));
