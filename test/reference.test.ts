import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFERENCE_PAGES } from '../scripts/reference/pages.ts';
import { runBinary } from './support/run-binary.ts';

describe('docs/reference', () => {
  it.each(REFERENCE_PAGES.map(page => [basename(page.path), page] as const))(
    '%s is up to date; `npm run reference` regenerates it',
    (_, page) => {
      expect(readFileSync(page.path, 'utf8')).toBe(page.render());
    },
  );

  it('commands.md describes every command of the help', async () => {
    const text = readFileSync(REFERENCE_PAGES[0]?.path ?? '', 'utf8');
    const { stdout } = await runBinary(['env', '--help'], { cwd: '/' });
    const names = [...(stdout.split('Commands:')[1]?.matchAll(/^ {2}([a-z]+)[ |]/gm) ?? [])].map(match => match[1]);
    expect(names).toEqual(expect.arrayContaining(['plan', 'apply', 'promote', 'list', 'show', 'delete']));
    for (const name of names.filter(known => known !== 'help')) expect(text).toContain(`## env ${name}\n`);
  });
});
