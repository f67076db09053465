import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow } from './source-files.ts';
import { REPOSITORY } from './support/repository.ts';

const FROM_ROOT = /^(?:src|docs|test|scripts|bench|examples)\//;
/** Folders that a build or a run makes, and names that are examples. */
const NOT_IN_GIT = /^(?:dist|target)\/|NNNN/;

/** Paths in backticks, with a folder, as written on a page. */
function pathsOn(page: string): readonly string[] {
  const text = readFileSync(join(REPOSITORY, page), 'utf8').replace(/^```[^]*?^```$/gm, '');
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word);
  return quoted.filter(word => /^[\w.-]+\/[\w./-]*$/.test(word) && !NOT_IN_GIT.test(word));
}

/** From the repository's root; a path that names no folder of the root begins in `src`. */
const located = (path: string): string => (FROM_ROOT.test(path) ? path : `src/${path}`);

describe('every path exists that is named', () => {
  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('in %s', page => {
    const paths = pathsOn(page);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter(path => !existsSync(join(REPOSITORY, located(path))))).toEqual([]);
  });

  it('in the decisions', () => {
    const paths = filesBelow('docs/decisions', '.md').flatMap(pathsOn);
    expect(paths.filter(path => path.endsWith('.ts') && !existsSync(join(REPOSITORY, located(path))))).toEqual([]);
  });
});

it('the architecture fits on 200 lines', () => {
  expect(readFileSync(join(REPOSITORY, 'ARCHITECTURE.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(200);
});
