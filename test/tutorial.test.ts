import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Chapter, readChapters } from '../scripts/tutorial/chapters.ts';
import { isSameOutput } from '../scripts/tutorial/compare-output.ts';
import { parseChapter, splitCommand } from '../scripts/tutorial/parse-chapter.ts';
import { readPsql, unaligned } from '../scripts/tutorial/psql-command.ts';
import { ReaderFolder } from '../scripts/tutorial/reader-folder.ts';
import { describePostgres, startPostgres } from './servers/postgres.ts';
import { REPOSITORY } from './support/repository.ts';

/** UPDATE_TUTORIAL=1 writes the commands' output into the pages; review the diff before you commit it. */
const UPDATE = process.env['UPDATE_TUTORIAL'] === '1';

describe('the guide', () => {
  const folder = new ReaderFolder();
  afterAll(() => folder.remove());

  async function follow(chapter: Chapter): Promise<void> {
    const walked = await walk(chapter, folder);
    if (UPDATE && walked !== chapter.text) writeFileSync(chapter.path, walked);
    expect(UPDATE ? readFileSync(chapter.path, 'utf8') : chapter.text).toBe(walked);
  }

  for (const chapter of readChapters()) {
    if (chapter.needsPostgres) {
      describePostgres(chapter.title, () => {
        it('shows what its commands print', async () => {
          const { port, rows } = await startPostgres();
          folder.connect({ variables: { SHOP_PORT: String(port) }, rows });
          await follow(chapter);
        });
      });
    } else it(chapter.title, () => follow(chapter));
    if (chapter.path.endsWith('2-incremental-models.md')) {
      it('has built the example project after this chapter', () =>
        expect(builtFiles(folder.path)).toEqual(builtFiles(EXAMPLE)));
    }
  }
});

const EXAMPLE = join(REPOSITORY, 'examples', 'ecommerce');

/** Nodes and data of a project: path → text. */
function builtFiles(root: string): Readonly<Record<string, string>> {
  const folders = ['seeknal', 'data'].map(folder => join(root, folder));
  const files = folders.flatMap(folder => readdirSync(folder, { recursive: true, withFileTypes: true }));
  const paths = files.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.sort().map(path => [relative(root, path), readFileSync(path, 'utf8')]));
}

/** The text of the chapter with the transcripts as they are; those that only differ as they may stay as they stand. */
async function walk(chapter: Chapter, folder: ReaderFolder): Promise<string> {
  const lines = chapter.text.split('\n');
  let moved = 0;
  for (const step of chapter.steps) {
    if (step.kind === 'file') {
      folder.write(step);
      continue;
    }
    const printed = await folder.run(step);
    expect({
      command: step.command,
      succeeded: printed.code === 0,
      printed: printed.code === 0 ? '' : printed.everything,
    }).toEqual({
      command: step.command,
      succeeded: !step.fails,
      printed: step.fails ? printed.everything : '',
    });
    if (isSameOutput(step.shown, printed.lines)) continue;
    lines.splice(step.at + moved, step.shown.length, ...printed.lines);
    moved += printed.lines.length - step.shown.length;
  }
  return lines.join('\n');
}

describe('parseChapter', () => {
  it('finds files, commands, what is typed and what is shown', () => {
    const page = [
      '```yaml title="seeknal/a.yml"',
      'kind: source',
      '```',
      'text',
      '```csv title="data/a.csv" append',
      '1,2',
      '```',
      '```console fails',
      '$ seeknal run',
      'no',
      '$ seeknal repl',
      'Banner',
      'seeknal[dev]> SELECT 1;',
      '1',
      '```',
      '```sql',
      'SELECT 1',
      '```',
    ].join('\n');
    expect(parseChapter(page)).toEqual([
      { kind: 'file', path: 'seeknal/a.yml', text: 'kind: source\n', append: false },
      { kind: 'file', path: 'data/a.csv', text: '1,2\n', append: true },
      { kind: 'command', command: 'seeknal run', typed: [], shown: ['no'], at: 9, fails: true, all: true },
      {
        kind: 'command',
        command: 'seeknal repl',
        typed: [{ prompt: 'seeknal[dev]> ', text: 'SELECT 1;' }],
        shown: ['Banner', 'seeknal[dev]> SELECT 1;', '1'],
        at: 11,
        fails: true,
        all: true,
      },
    ]);
  });

  it('keeps spaces in quotes', () => {
    expect(splitCommand(`repl -e "SELECT 'a'" --limit 1`)).toEqual(['repl', '-e', "SELECT 'a'", '--limit', '1']);
  });
});

describe('psql', () => {
  it('is read in two forms and printed without alignment', () => {
    expect(readPsql(['shop', '-qAtc', 'SELECT 1'], '/')).toEqual({ database: 'shop', sql: 'SELECT 1' });
    expect(() => readPsql(['shop', '-c', 'SELECT 1'], '/')).toThrow('a chapter may only run');
    expect(unaligned([['a', null, '1'], ['b']])).toEqual(['a||1', 'b']);
  });
});

describe('isSameOutput', () => {
  it('ignores only durations, times, hashes, servers and widths', () => {
    expect(
      isSameOutput(['a   8 rows   0.01s', 'at 2026-01-01 10:00'], ['a  8 rows  12.50s', 'at 2027-02-03 11:22', '']),
    ).toBe(true);
    expect(isSameOutput(['a   8 rows   0.01s'], ['a  9 rows  0.01s'])).toBe(false);
    expect(isSameOutput(['PostgreSQL 15.18 localhost:5432'], ['PostgreSQL 18 localhost:61234'])).toBe(true);
    expect(isSameOutput(['2026-01-05'], ['2026-01-06'])).toBe(false);
    expect(isSameOutput(['  a'], ['a'])).toBe(false);
  });

  it('lets three dots match any number of lines', () => {
    expect(isSameOutput(['a', '...', 'd'], ['a', 'b', 'c', 'd'])).toBe(true);
    expect(isSameOutput(['a', '...'], ['a'])).toBe(true);
    expect(isSameOutput(['a', '...', 'd'], ['a', 'b'])).toBe(false);
  });
});
