import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Column } from '../../core/definition/nodes/node.ts';
import type { TableComparison } from './compare-tables.ts';
import { ExecutionSession } from '../execution/execution-session.ts';
import { placeOfFile } from '../scan.ts';

const folder = mkdtempSync(join(tmpdir(), 'seeknal-compare-'));
let session: ExecutionSession;
let files = 0;

beforeAll(async () => {
  const temporaryDirectory = join(folder, 'spill');
  session = await ExecutionSession.open({ threads: 2, memoryLimit: null, temporaryDirectory });
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true, force: true });
});

async function written(query: string) {
  const path = join(folder, `${(files += 1)}.parquet`);
  const { columns, rows, identity } = await session.writeRows({ query, into: path });
  return { place: placeOfFile(path), columns, rows, identity };
}

interface Options {
  readonly key?: readonly Column[];
  readonly limit?: number;
}

async function compare(left: string, right: string, { key, limit = 0 }: Options = {}): Promise<TableComparison> {
  return session.compare({ left: await written(left), right: await written(right), key: key ?? null, limit });
}

describe('compareTables', () => {
  it('agrees with EXCEPT ALL on rows with many duplicates and NULLs', async () => {
    const rows = (seed: number): string =>
      `SELECT nullif(hash(range, ${seed}) % 5, 0)::INTEGER AS a, CASE hash(range, 'b', ${seed}) % 3 WHEN 0 THEN 'x' WHEN 1 THEN '' END AS b FROM range(500)`;
    for (const seed of [1, 2, 3]) {
      const [left, right] = [rows(seed), rows(seed + 10)];
      const [[onlyLeft, onlyRight] = []] = await session.rows(
        `SELECT (SELECT count(*) FROM (${left} EXCEPT ALL ${right})), (SELECT count(*) FROM (${right} EXCEPT ALL ${left}))`,
      );
      const found = await compare(left, right);
      expect([found.onlyLeft, found.onlyRight]).toEqual([Number(onlyLeft), Number(onlyRight)]);
      expect(found.onlyLeft).toBeGreaterThan(0);
    }
  });

  it('counts changed rows by key as a join does', async () => {
    const left = 'SELECT range AS id, range % 7 AS a, nullif(range % 3, 0) AS b FROM range(1000)';
    const right =
      'SELECT range AS id, CASE WHEN range % 10 = 0 THEN -1 ELSE range % 7 END AS a, CASE WHEN range % 4 = 0 THEN 2 ELSE nullif(range % 3, 0) END AS b FROM range(100, 1100)';
    const [[a, b] = []] = await session.rows(
      `SELECT count(*) FILTER (l.a IS DISTINCT FROM r.a), count(*) FILTER (l.b IS DISTINCT FROM r.b) FROM (${left}) l JOIN (${right}) r USING (id)`,
    );
    const found = await compare(left, right);
    expect(found.key).toEqual(['id']);
    expect(found.changed).toEqual([
      { name: 'a', rows: Number(a) },
      { name: 'b', rows: Number(b) },
    ]);
  });

  it('prefers a key by its name, and skips floats, NULLs and duplicates', async () => {
    const rows = (extra: string): string =>
      `SELECT range * 1.5::DOUBLE AS f, nullif(range, 3) AS n, range % 5 AS twice, 'c' || range AS label, range + 7 AS customer_id, ${extra} AS v FROM range(10)`;
    expect((await compare(rows('0::BIGINT'), rows('range % 2'))).key).toEqual(['customer_id']);
    const unnamed = 'SELECT range * 1.5::DOUBLE AS f, nullif(range, 3) AS n, 0 AS v FROM range(10)';
    const none = await compare(unnamed, unnamed.replace('0 AS v', '1 AS v'));
    expect([none.key, none.changed]).toEqual([null, null]);
  });

  it('returns no key if the given one has duplicates', async () => {
    const rows = (value: number): string => `SELECT 1 AS id, ${value} AS v FROM range(2)`;
    const found = await compare(rows(1), rows(2), { key: [{ name: 'id', type: 'INTEGER' }] });
    expect([found.key, found.changed]).toEqual([null, null]);
  });

  it('compares only the number of rows if there is no common column', async () => {
    const found = await compare('SELECT 1 AS a FROM range(3)', "SELECT 'x' AS b FROM range(5)", { limit: 3 });
    expect(found).toMatchObject({ onlyLeft: 0, onlyRight: 2, changed: null });
  });

  it.each([
    ['30', '30::DOUBLE', '30.5::DOUBLE'],
    ['30::BIGINT', '30::DECIMAL(18,2)', '30.01::DECIMAL(18,2)'],
    ['12345678901234567890123456789012345678::DECIMAL(38,0)', "'30'::DECIMAL(38,10)", "'31'::DECIMAL(38,10)"],
    ["'30'", '30', '31'],
    ["DATE '2024-01-02'", "TIMESTAMP '2024-01-02 00:00:00'", "TIMESTAMP '2024-01-02 00:00:01'"],
    ["DATE '2024-01-02'", "'2024-01-02'", "'2024-01-03'"],
    ['true', '1', '0'],
    ['[1]', '[1]::BIGINT[]', '[2]::BIGINT[]'],
    ["{'a': 1}", "'{''a'': 1}'", "'else'"],
    ["'{}'::JSON", "'{}'", "'no JSON'"],
    ['30::UTINYINT', "INTERVAL '30 days'", "INTERVAL '31 days'"],
  ])('compares values of different types: %s with %s and %s', async (left, equal, other) => {
    const rows = (value: string): string => `SELECT range AS id, ${value} AS v FROM range(3)`;
    const same = await compare(rows(left), rows(equal));
    const found = await compare(rows(left), rows(other), { limit: 1 });
    expect([same.schema.retyped.length, found.schema.retyped.length]).toEqual([1, 1]);
    const comparable = !left.includes('UTINYINT') && !left.startsWith('1234');
    expect(same.onlyLeft).toBe(comparable ? 0 : 3);
    expect(found).toMatchObject({ onlyLeft: 3, onlyRight: 3, changed: [{ name: 'v', rows: 3 }] });
    expect(found.samples?.onlyRight[0]?.[0]).toBe('0');
  });

  it('handles empty tables, unusual names, and columns named like its own', async () => {
    const rows = (from: number): string =>
      `SELECT range AS h1, range AS "l", 'x' AS "a ""b""", range AS k1, [range] AS c0 FROM range(${from}, 4)`;
    const found = await compare(rows(0), rows(4), { limit: 2 });
    expect(found).toMatchObject({ onlyLeft: 4, onlyRight: 0 });
    expect(found.samples?.onlyLeft.map(row => row[2])).toEqual(['x', 'x']);
    expect(await compare(rows(4), rows(4))).toMatchObject({ onlyLeft: 0, onlyRight: 0, changed: [] });
  });

  it('samples the same rows each time', async () => {
    const [left, right] = ['SELECT range % 9 AS a FROM range(90)', 'SELECT range % 3 AS a FROM range(90)'];
    const first = await compare(left, right, { limit: 4 });
    expect(first.samples?.onlyLeft).toHaveLength(4);
    expect((await compare(left, right, { limit: 4 })).samples).toEqual(first.samples);
  });
});

describe('content identity', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['(-1)::DECIMAL(38,0)', '0::DECIMAL(38,0)'],
    ['1::DECIMAL(38,0)', '18446744073709551616::DECIMAL(38,0)'],
    ['(-0.01)::DECIMAL(20,2)', '0::DECIMAL(20,2)'],
    ["'00000000-0000-0001-8000-000000000002'::UUID", "'80000000-0000-0002-0000-000000000001'::UUID"],
    ["'-0.0'::DOUBLE", '0.0::DOUBLE'],
  ];

  it('distinguishes 128-bit values with the same DuckDB hash', async () => {
    for (const [left, right] of pairs) {
      const [one, other] = [await written(`SELECT ${left} AS v`), await written(`SELECT ${right} AS v`)];
      expect([left, one.identity === other.identity]).toEqual([left, false]);
      expect((await written(`SELECT ${left} AS v`)).identity).toBe(one.identity);
    }
  });
});
