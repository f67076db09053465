import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityFrom } from '../core/state/content-parts.ts';
import type { TablePlace } from '../core/state/place.ts';
import { ExecutionSession } from './execution/execution-session.ts';
import { scan, type ScannedPlace } from './scan.ts';
import { QueryShell } from './shell/query-shell.ts';

let session: ExecutionSession;
let folder: string;
let count = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seeknal-scan-'));
  session = await ExecutionSession.open(settings());
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = () => ({ threads: 1, memoryLimit: null, temporaryDirectory: join(folder, 'spill') });

/** Names that would be a pattern, a partition or the end of a string if they were not taken literally. */
const NAMES = ["it's", 'a[1]', 'day=2026-03-01/part', 'a*b?', 'with "quotes"', 'plain'];

async function written(query: string, name = `${(count += 1)}`): Promise<string> {
  const into = join(folder, `${name}.parquet`);
  mkdirSync(dirname(into), { recursive: true });
  await session.writeRows({ query, into });
  return into;
}

const filesPlace = (paths: readonly string[]): ScannedPlace => ({
  kind: 'files',
  files: paths.map(path => ({ path })),
});

const rowsQuery = (values: readonly number[]): string =>
  values.length === 0
    ? 'SELECT NULL::BIGINT AS id, NULL::VARCHAR AS text WHERE false'
    : values.map(value => `SELECT ${value}::BIGINT AS id, 'v${value}' AS text`).join(' UNION ALL ');

const table: TablePlace = { kind: 'table', catalogue: 'lake', name: 'sales.orders', snapshot: '42' };

describe('scan', () => {
  it('reads several files as one table, whatever their names', async () => {
    const paths: string[] = [];
    for (const [index, name] of NAMES.entries()) paths.push(await written(`SELECT ${index} AS n`, name));
    await written('SELECT 99 AS n', 'a1');
    expect(await session.rows(`SELECT * FROM ${scan(filesPlace(paths))} ORDER BY n`)).toEqual(
      NAMES.map((_, index) => [index]),
    );
  });

  it('lets a locked shell read all files of a place, and no others', async () => {
    const paths = [await written('SELECT 1 AS n', 'shell[1]'), await written('SELECT 2 AS n', "shell's=2")];
    const other = await written('SELECT 3 AS n', 'other');
    const { shell, broken } = await QueryShell.open([{ view: 't', alias: null, place: filesPlace(paths) }], settings());
    const run = async (sql: string) => {
      const rows: unknown[] = [];
      for await (const { chunks } of shell.statements(sql, new AbortController().signal))
        for await (const chunk of chunks) rows.push(...chunk);
      return rows;
    };
    expect([broken, await run('FROM t ORDER BY n')]).toEqual([[], [[1], [2]]]);
    await expect(run(`FROM '${other}'`)).rejects.toThrow('Permission Error');
    const copied = join(folder, 'copied[1].parquet');
    expect(await shell.writeParquet('FROM t', copied, { limit: null, signal: new AbortController().signal })).toBe(2);
    shell.close();
  });

  it('refuses the table of another engine, and names it', async () => {
    expect(() => scan(table)).toThrow(
      expect.objectContaining({ code: 'not-yet-supported', message: expect.stringContaining('lake.sales.orders') }),
    );
    const { shell, broken } = await QueryShell.open([{ view: 't', alias: null, place: table }], settings());
    expect(broken).toEqual([{ view: 't', reason: expect.stringContaining('not supported yet') }]);
    shell.close();
  });
});

describe('the content of a place', () => {
  it('equals that of one file with the same rows, ordered or not', async () => {
    const values = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 4 });
    const property = fc.asyncProperty(values, values, async (first, second) => {
      const one = filesPlace([await written(rowsQuery([...first, ...second]))]);
      const two = filesPlace([await written(rowsQuery(first)), await written(rowsQuery(second))]);
      for (const ordered of [false, true]) {
        const [whole, split] = [await session.identityOf(one, { ordered }), await session.identityOf(two, { ordered })];
        expect([split.identity, split.rows]).toEqual([whole.identity, whole.rows]);
        expect(split.parts.map(part => part.rows)).toEqual([first.length, second.length]);
      }
    });
    await fc.assert(property, { numRuns: 15 });
  });

  it('can be computed from the parts of its files', async () => {
    const columns = [
      { name: 'id', type: 'BIGINT' },
      { name: 'text', type: 'VARCHAR' },
    ];
    const paths = [await written(rowsQuery([1, 2])), await written(rowsQuery([3]))];
    const alone = [];
    for (const path of paths) alone.push(...(await session.identityOf(filesPlace([path]), {})).parts);
    const { identity } = await session.identityOf(filesPlace(paths), {});
    expect(identityFrom({ columns }, alone)).toBe(identity);
  });
});
