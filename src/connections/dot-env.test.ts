import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withDotEnv } from './dot-env.ts';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'seeknal-dot-env-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('withDotEnv', () => {
  it('adds the variables of .env', () => {
    writeFileSync(join(root, '.env'), '\uFEFFA=1\n# comment\nexport B="two words"\r\nC=\'$A\'\nD=a#b\n\nE=\n');
    expect(withDotEnv(root, { X: 'x' })).toEqual({ A: '1', B: 'two words', C: '$A', D: 'a', E: '', X: 'x' });
  });

  it('never changes a variable that is set, also to nothing', () => {
    writeFileSync(join(root, '.env'), 'A=file\nB=file\nC=file\n');
    expect(withDotEnv(root, { A: 'set', B: '', C: undefined })).toEqual({ A: 'set', B: '', C: 'file' });
  });

  it('adds nothing if the file does not exist', () => {
    expect(withDotEnv(root, { A: '1' })).toEqual({ A: '1' });
  });

  it('names a file that cannot be read', () => {
    mkdirSync(join(root, '.env'));
    expect(() => withDotEnv(root, {})).toThrow('.env in the project root cannot be read (EISDIR).');
  });
});
