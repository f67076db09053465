import { describe, expect, it } from 'vitest';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { assertPrefixFree, environmentPrefix, parseEnvironmentName } from './environment-name.ts';

const codeOf = (run: () => unknown): string | null => {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof ToolError ? error.code : 'bug';
  }
};

describe('parseEnvironmentName', () => {
  it.each(['dev', 'staging', 'exp_ml', 'exp-ml', 'ci_1a2b', 'a', 'a'.repeat(40)])('accepts %s', name => {
    expect(parseEnvironmentName(name)).toBe(name);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    '/x',
    'a/b',
    'a\\b',
    'dev x',
    'Dev',
    '1a',
    '-a',
    '_a',
    'é',
    'dev\n',
    'a'.repeat(41),
    'prod',
    'production',
  ])('refuses %j', name => expect(codeOf(() => parseEnvironmentName(name))).toBe('environment-name'));
});

describe('assertPrefixFree', () => {
  const [hyphen, underscore, dev] = ['exp-ml', 'exp_ml', 'dev'].map(parseEnvironmentName) as [never, never, never];

  it('refuses only names that share a prefix', () => {
    expect(environmentPrefix(hyphen)).toBe('exp_ml');
    expect(codeOf(() => assertPrefixFree(hyphen, [dev, underscore]))).toBe('environment-name');
    expect(codeOf(() => assertPrefixFree(hyphen, [dev, hyphen]))).toBe(null);
  });
});
