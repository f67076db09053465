import { cpSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addUniqueCustomers, baselineProject, TestProject } from './harness.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROFILE = 'connections:\n  local_pg: { type: postgresql, host: localhost, password: hunter2-secret }\n';

interface Pinned {
  readonly path: string;
  readonly sha256: string;
  readonly because: string;
}

const profileOf = async (project: TestProject, ...words: string[]): Promise<Pinned | null> =>
  (await project.document('env', 'plan', 'dev', ...words))['profile'] as Pinned | null;

/** `~/.seeknal` of the project's user. */
const home = (project: TestProject) => new TestProject(project.home);

describe('the profile of an environment', () => {
  it('is the first match in the documented order, and the plan says which one and why', async () => {
    const project = await baselineProject();
    expect(await profileOf(project)).toBeNull();
    const places = [
      [home(project), '.seeknal/profiles.yml', '~/.seeknal/profiles.yml', 'profiles.yml in ~/.seeknal'],
      [project, 'profiles.yml', 'profiles.yml', 'profiles.yml in the project'],
      [home(project), '.seeknal/profiles-dev.yml', '~/.seeknal/profiles-dev.yml', 'profiles-<env>.yml in ~/.seeknal'],
      [project, 'profiles-dev.yml', 'profiles-dev.yml', 'profiles-<env>.yml in the project'],
    ] as const;
    for (const [folder, file, path, because] of places) {
      folder.write(file, PROFILE);
      expect(await profileOf(project)).toMatchObject({
        path,
        because,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    }
    project.write('other.yml', PROFILE);
    expect(await profileOf(project, '--profile', 'other.yml')).toMatchObject({
      path: 'other.yml',
      because: '--profile',
    });
    const printed = await project.run(['env', 'plan', 'dev', '--profile', 'other.yml']);
    expect(printed.stderr).toContain('ℹ Profile: other.yml (--profile)\n');
  });

  it('is pinned in the plan and used by apply; a change makes the plan stale', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    project.write('conf/mine.yml', PROFILE);
    project.write('profiles-dev.yml', 'connections: {}\n');
    await project.ok('env', 'plan', 'dev', '--profile', 'conf/mine.yml');
    const saved = project.json('target/environments/dev/plan.json') as never as { profile: Pinned };
    expect(saved.profile).toMatchObject({ path: 'conf/mine.yml', because: '--profile' });
    project.write('profiles-dev.yml', 'connections: {} # another\n');
    const applied = await project.run(['env', 'apply', 'dev']);
    expect(
      [applied.code, applied.stderr.includes('ℹ Profile: conf/mine.yml (pinned in the plan)')],
      applied.stderr,
    ).toEqual([0, true]);

    await project.ok('env', 'plan', 'dev', '--profile', 'conf/mine.yml');
    project.append('conf/mine.yml', '# more\n');
    const stale = await project.run(['env', 'apply', 'dev']);
    expect([stale.code, stale.stderr]).toEqual([
      1,
      expect.stringMatching(/Plan is stale: profile conf\/mine\.yml changed/),
    ]);
    project.remove('conf/mine.yml');
    expect((await project.run(['env', 'apply', 'dev'])).stderr).toMatch(
      /Plan is stale: profile conf\/mine\.yml is gone/,
    );
    const overridden = await project.run(['env', 'apply', 'dev', '--profile', 'profiles-dev.yml']);
    expect(
      [overridden.code, overridden.stderr.includes('ℹ Profile: profiles-dev.yml (--profile)')],
      overridden.stderr,
    ).toEqual([0, true]);
  });

  it('is found from the working directory, and kept relative to the project', async () => {
    const project = await baselineProject();
    project.write('conf/mine.yml', PROFILE);
    const made = await project.run(['env', 'plan', 'dev', '--profile', 'mine.yml', '--json'], {
      cwd: project.path('conf'),
    });
    expect((JSON.parse(made.stdout) as { profile: Pinned }).profile.path).toBe('conf/mine.yml');
    expect(project.read('target/environments/dev/plan.json')).not.toContain(project.root);
    const moved = new TestProject();
    cpSync(project.root, moved.root, { recursive: true, preserveTimestamps: true });
    expect((await moved.run(['env', 'apply', 'dev'])).stdout).toContain('✓ No changes to apply.');
  });

  it('is refused by plan if the file named by --profile does not exist', async () => {
    const project = await baselineProject();
    project.write('profiles.yml', PROFILE);
    const before = project.snapshot();
    for (const command of [['env', 'plan', 'dev'], ['plan', 'dev'], ['plan'], ['run'], ['repl', '-e', 'SELECT 1']]) {
      const outcome = await project.run([...command, '--profile', 'missing.yml']);
      expect(outcome.code, command.join(' ')).toBe(1);
      expect(outcome.stderr, command.join(' ')).toContain('Profile not found: missing.yml');
    }
    expect(project.snapshot()).toEqual(before);
  });

  it('is reported by plan, apply and the REPL; production never uses it', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    project.write('profiles-dev.yml', PROFILE);
    const line = 'ℹ Profile: profiles-dev.yml (profiles-<env>.yml in the project)\n';
    expect((await project.run(['env', 'plan', 'dev'])).stderr).toContain(line);
    expect((await project.run(['env', 'apply', 'dev'])).stderr).toContain(
      'ℹ Profile: profiles-dev.yml (pinned in the plan)\n',
    );
    expect((await project.run(['repl', '--env', 'dev', '-e', 'SELECT 1'])).stderr).toContain(line);
    for (const command of [
      ['run', '--dry-run'],
      ['repl', '-e', 'SELECT 1'],
      ['env', 'promote', 'dev', '--yes'],
    ]) {
      expect((await project.run(command)).stderr, command.join(' ')).not.toContain('profiles-dev.yml');
    }
  });

  it('causes a warning for each unknown key, without repeating the key', async () => {
    const project = await baselineProject();
    project.write('profiles.yml', 'connections: {}\nsource_default: {}\nhunter2: x\n');
    const warned =
      "warning: profiles.yml:2:1: unknown key; did you mean 'source_defaults'?\n" +
      "warning: profiles.yml:3:1: unknown key; a profile may contain 'connections' and 'source_defaults'\n";
    for (const words of [['env', 'plan', 'dev'], ['run'], ['repl', '-e', 'SELECT 1']])
      expect((await project.run(words)).stderr).toContain(warned);
  });

  it('may contain unset variables in unused entries', async () => {
    const project = await baselineProject();
    project.write('profiles-dev.yml', 'connections:\n  a: { type: postgresql, password: "${NOBODY_SETS_THIS}" }\n');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
  });

  it('never leaks secrets into target/ or output', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    project.write('profiles-dev.yml', `${PROFILE}  other: { type: postgresql, password: "\${PG_PASSWORD}" }\n`);
    const secrets = /hunter2-secret|swordfish-secret/;
    const commands = [
      ['env', 'plan', 'dev', '--json'],
      ['env', 'apply', 'dev', '--verbose'],
      ['env', 'show', 'dev', '--json'],
      ['repl', '--env', 'dev', '-e', 'SELECT 1'],
      ['env', 'promote', 'dev', '--yes', '--json'],
      ['run', '--json'],
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = await project.run(command, { env: { PG_PASSWORD: 'swordfish-secret' } });
      expect([code, stdout, stderr].join('\n'), command.join(' ')).not.toMatch(secrets);
      expect(code, stderr).toBe(0);
    }
    const files = Object.keys(project.snapshot());
    expect(files.some(file => file.endsWith('plan.json'))).toBe(true);
    for (const file of files) expect(project.read(file), file).not.toMatch(secrets);
    project.write('profiles-dev.yml', 'connections: { a: hunter2-secret: x }\n');
    const broken = await project.run(['repl', '--env', 'dev', '-e', 'SELECT 1']);
    expect(broken.stdout + broken.stderr).not.toMatch(secrets);
  });

  it('changes no node by itself, and does not reach production', async () => {
    const project = await baselineProject();
    project.write('profiles.yml', PROFILE);
    project.write('profiles-dev.yml', PROFILE.replace('localhost', 'dev-host'));
    const plan = await project.document('env', 'plan', 'dev');
    expect(plan['changed']).toBe(false);
    addUniqueCustomers(project);
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    await project.ok('env', 'promote', 'dev', '--yes');
    expect(project.read('target/manifest.json')).not.toMatch(/dev-host|profiles-dev/);
    expect((await project.run(['run'])).stdout).toContain('✓ No changes detected. Nothing to run.');
  });

  it('is ignored by git in every new project', async () => {
    const outside = new TestProject(temporaryFolder());
    for (const template of ['ecommerce', 'empty']) {
      await outside.ok('init', '--path', template, '--template', template);
      expect(outside.read(`${template}/.gitignore`).split('\n')).toEqual(
        expect.arrayContaining(['target/', 'profiles*.yml', '.env']),
      );
    }
    outside.write('own/.gitignore', 'node_modules');
    await outside.ok('init', '--path', 'own');
    expect(outside.read('own/.gitignore')).toBe('node_modules\ntarget/\nprofiles*.yml\n.env\n');
  });
});
