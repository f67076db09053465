import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pinProfile, readPinnedProfile } from './discover-profile.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'seeknal-profiles-'));
  for (const folder of ['project', 'home/.seeknal']) mkdirSync(join(base, folder), { recursive: true });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const places = () => ({ root: join(base, 'project'), home: join(base, 'home') });
/** A profile that contains only its own path. */
const profile = (path: string): string => `connections: {}\n# ${path}\n`;
const write = (path: string, text = path): void => {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), profile(text));
};
const sha = (text: string): string => createHash('sha256').update(profile(text)).digest('hex');
const find = (environment: string | null, explicit: string | null = null) =>
  pinProfile({ ...places(), environment, explicit });

describe('pinProfile', () => {
  it('takes the first profile that exists, in order of priority', () => {
    expect(find('dev')).toBeNull();
    const order = [
      ['home/.seeknal/profiles.yml', '~/.seeknal/profiles.yml', 'profiles.yml in ~/.seeknal'],
      ['project/profiles.yml', 'profiles.yml', 'profiles.yml in the project'],
      ['home/.seeknal/profiles-dev.yml', '~/.seeknal/profiles-dev.yml', 'profiles-<env>.yml in ~/.seeknal'],
      ['project/profiles-dev.yml', 'profiles-dev.yml', 'profiles-<env>.yml in the project'],
    ] as const;
    for (const [file, path, because] of order) {
      write(file);
      expect(find('dev')).toEqual({ path, sha256: sha(file), because });
    }
    write('project/other.yml', 'x');
    expect(find('dev', 'other.yml')).toEqual({ path: 'other.yml', sha256: sha('x'), because: '--profile' });
  });

  it('never takes the profile of an environment for production or for another one', () => {
    write('project/profiles-dev.yml');
    expect(find(null)).toBeNull();
    expect(find('staging')).toBeNull();
  });

  it('stores paths relative to the root or the home directory', () => {
    write('project/conf/p.yml');
    write('home/.seeknal/q.yml');
    write('elsewhere/r.yml');
    expect(find('dev', join(base, 'project/conf/p.yml'))?.path).toBe('conf/p.yml');
    expect(find('dev', join(base, 'home/.seeknal/q.yml'))?.path).toBe('~/.seeknal/q.yml');
    expect(find('dev', join(base, 'elsewhere/r.yml'))?.path).toBe('../elsewhere/r.yml');
  });

  it('refuses an explicit profile that does not exist, even if others do', () => {
    write('project/profiles.yml');
    expect(() => find('dev', 'missing.yml')).toThrow('Profile not found: missing.yml');
  });
});

describe('readPinnedProfile', () => {
  it('reads the current state of the pinned file and ignores other profiles', () => {
    write('project/profiles.yml', 'a');
    const pin = find(null);
    write('project/profiles-dev.yml', 'b');
    write('project/profiles.yml', 'c');
    expect(readPinnedProfile({ ...places(), pin })).toEqual({
      path: 'profiles.yml',
      sha256: sha('c'),
      because: 'pinned in the plan',
    });
    rmSync(join(base, 'project/profiles.yml'));
    expect(readPinnedProfile({ ...places(), pin })).toBeNull();
    expect(readPinnedProfile({ ...places(), pin: null })).toBeNull();
  });
});

it('refuses a file that is not a profile, and names its path', () => {
  mkdirSync(join(base, 'project'), { recursive: true });
  writeFileSync(join(base, 'project/profiles.yml'), 'connections: [a\n');
  expect(() => find(null)).toThrow(/Profile profiles\.yml cannot be used/);
});
