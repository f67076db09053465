import { existsSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../support/run-binary.ts';
import { runCommand } from './run-command.ts';
import { prepare, removeRoots, SCENARIOS, temporaryRoot, write } from './scenarios.ts';

afterAll(removeRoots);

/** A folder outside the project, and a check that nothing in it changed. */
function foreignFolder(): { readonly path: string; assertUnchanged(): void } {
  const path = temporaryRoot();
  writeFileSync(join(path, 'keep.txt'), 'mine');
  return { path, assertUnchanged: () => expect(readdirSync(path)).toEqual(['keep.txt']) };
}

function expectRefused({ code, stderr }: Outcome): void {
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/^error/m);
  expect(stderr).not.toMatch(/bug|\n\s+at /);
}

describe('a link in the place of a folder', () => {
  it.each([
    ['target/environments', ['env', 'plan', 'fresh']],
    ['target/environments', ['env', 'delete', 'dev', '--yes']],
    ['target/environments/dev', ['env', 'plan', 'dev']],
    ['target/environments/dev', ['env', 'apply', 'dev']],
    ['target/environments/dev', ['env', 'delete', 'dev', '--yes']],
    ['target/intermediate', ['env', 'promote', 'dev', '--yes']],
  ])('at %s: %j changes nothing behind it', async (place, words) => {
    const root = await prepare(SCENARIOS.promote);
    const foreign = foreignFolder();
    renameSync(join(root, place), join(root, 'aside'));
    symlinkSync(foreign.path, join(root, place));
    expectRefused(await runCommand(root, words));
    foreign.assertUnchanged();
  });

  it("at an environment's outputs: nothing behind it changes", async () => {
    const root = await prepare(SCENARIOS.apply);
    const foreign = foreignFolder();
    symlinkSync(foreign.path, join(root, 'target/environments/dev/intermediate'));
    expectRefused(await runCommand(root, ['env', 'apply', 'dev']));
    foreign.assertUnchanged();
  });

  it('in an environment is removed with it, but its target is kept', async () => {
    const root = await prepare(SCENARIOS.delete);
    const foreign = foreignFolder();
    symlinkSync(foreign.path, join(root, 'target/environments/dev/link'));
    expect((await runCommand(root, ['env', 'delete', 'dev', '--yes'])).code).toBe(0);
    expect(existsSync(join(root, 'target/environments/dev'))).toBe(false);
    foreign.assertUnchanged();
  });
});

describe('a node that refers to paths outside the project', () => {
  it.each([
    ['../evil', 'a name with a path'],
    ['a/b', 'a name with a folder'],
    ['a\\\\b', 'a name with a backslash'],
    ['..', 'a name of dots'],
  ])('%s is refused by name', async name => {
    const root = await prepare(SCENARIOS.run);
    write(
      root,
      'seeknal/evil.yml',
      `kind: transform\nname: "${name}"\ninputs: [{ ref: source.a }]\ntransform: SELECT 1\n`,
    );
    const outcome = await runCommand(root, ['run']);
    expectRefused(outcome);
    expect(outcome.stderr).toContain('seeknal/evil.yml:2');
  });

  it.each(['../../../etc/passwd', '/etc/passwd'])('transform_file: %s is never read', async path => {
    const root = await prepare(SCENARIOS.run);
    write(
      root,
      'seeknal/evil.yml',
      `kind: transform\nname: evil\ninputs: [{ ref: source.a }]\ntransform_file: ${path}\n`,
    );
    const outcome = await runCommand(root, ['run']);
    expectRefused(outcome);
    expect(`${outcome.stdout}${outcome.stderr}`).not.toContain('root:');
  });

  it.each(['../x', '..', '/tmp/x', 'a/b', 'dev x'])(
    'an environment named %j is refused before anything changes',
    async name => {
      const root = await prepare(SCENARIOS.run);
      for (const words of [['plan'], ['apply'], ['delete', '--yes'], ['promote', '--yes']]) {
        const [verb = '', ...flags] = words;
        expectRefused(await runCommand(root, ['env', verb, name, ...flags]));
      }
      expect(existsSync(join(root, 'target/environments'))).toBe(false);
    },
  );
});
