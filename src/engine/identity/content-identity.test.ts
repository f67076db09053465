import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExecutionSession } from '../execution/execution-session.ts';
import { placeOfFile } from '../scan.ts';

let session: ExecutionSession;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seeknal-identity-'));
  session = await ExecutionSession.open({ threads: 1, memoryLimit: null, temporaryDirectory: join(folder, 'spill') });
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;

/** The identity of a query's rows once written; with `ordered`, in their order. */
async function identityOf(query: string, ordered = false): Promise<string> {
  const path = join(folder, `${(files += 1)}.parquet`);
  await session.writeRows({ query, into: path });
  return (await session.identityOf(placeOfFile(path), { ordered })).identity;
}

/** Values that a query can distinguish, though DuckDB treats some as equal or hashes them alike. */
const PAIRS: readonly (readonly [string, string, string])[] = [
  ['BOOLEAN', 'true', 'false'],
  ['TINYINT', '1', '-1'],
  ['SMALLINT', '300', '301'],
  ['INTEGER', '0', 'NULL'],
  ['BIGINT', '9007199254740993', '9007199254740992'],
  ['HUGEINT', '170141183460469231731687303715', '170141183460469231731687303716'],
  ['UBIGINT', '18446744073709551615', '18446744073709551614'],
  ['DECIMAL(18,2)', '1.10', '1.11'],
  ['FLOAT', "'0.0'", "'-0.0'"],
  ['DOUBLE', "'0.0'", "'-0.0'"],
  ['DOUBLE', "'nan'", "'inf'"],
  ['DOUBLE', '0.1 + 0.2', '0.3::DOUBLE + 1e-16'],
  ['VARCHAR', "'a'", "'A'"],
  ['VARCHAR', "''", 'NULL'],
  ['VARCHAR', "'a'", "'a '"],
  ['VARCHAR', 'chr(233)', "'e' || chr(769)"],
  ['BLOB', "'\\x00'", "'\\x00\\x00'"],
  ['BIT', "'01'", "'1'"],
  ['UUID', "'00000000-0000-0000-0000-000000000000'", "'00000000-0000-0000-0000-000000000001'"],
  ['DATE', "'2024-01-01'", "'infinity'"],
  ['TIME', "'00:00:00'", "'00:00:00.000001'"],
  ['TIMETZ', "'00:00:00+00'", "'00:00:00+01'"],
  ['TIMESTAMP', "'2024-01-01'", "'2024-01-01 00:00:00.000001'"],
  ['TIMESTAMP_NS', "'2024-01-01 00:00:00.000000001'", "'2024-01-01 00:00:00.000000002'"],
  ['TIMESTAMPTZ', "'2024-01-01 00:00:00+00'", "'2024-01-01 00:00:00+01'"],
  ['INTERVAL', "'1 month'", "'30 days'"],
  ['INTERVAL', "'1 day'", "'24 hours'"],
  ['JSON', `'{"a": 1}'`, `'{"a":1}'`],
  ['JSON', "'null'", 'NULL'],
  ['INTEGER[]', 'NULL', '[]'],
  ['INTEGER[]', '[]', '[NULL]'],
  ['INTEGER[]', '[1, 2]', '[2, 1]'],
  ['INTEGER[][]', '[[1], [2]]', '[[1, 2]]'],
  ['INTEGER[][]', '[[]]', '[]'],
  ['INTEGER[2]', '[1, NULL]', '[NULL, 1]'],
  ['DOUBLE[]', "['0.0'::DOUBLE]", "['-0.0'::DOUBLE]"],
  ['INTERVAL[]', "['1 month'::INTERVAL]", "['30 days'::INTERVAL]"],
  ['VARCHAR[]', "['a, b']", "['a', 'b']"],
  ['VARCHAR[]', "['NULL']", '[NULL]'],
  ['VARCHAR[]', "['']", '[]'],
  ['VARCHAR[]', "[' a']", "['a']"],
  ['VARCHAR[]', "['''']", "['\"']"],
  ['VARCHAR[]', "['a''b']", "['a\\''b']"],
  ['VARCHAR[]', "['\\']", "['\\\\']"],
  ['VARCHAR[]', "['[a]']", "['[a', ']']"],
  ['BLOB[]', "['\\x61'::BLOB]", "['\\x62'::BLOB]"],
  ['BLOB[]', "['\\x5Cx00'::BLOB]", "['\\x00'::BLOB]"],
  ['STRUCT(a INTEGER)', "{'a': NULL}", 'NULL'],
  ['STRUCT(a VARCHAR, b VARCHAR)', "{'a': 'x, ''b'': y', 'b': 'z'}", "{'a': 'x', 'b': 'y, ''b'': z'}"],
  ['STRUCT(a DOUBLE)', "{'a': '0.0'::DOUBLE}", "{'a': '-0.0'::DOUBLE}"],
  ['STRUCT(a INTEGER[])', "{'a': []}", "{'a': NULL}"],
  ['MAP(VARCHAR, INTEGER)', 'MAP {}', 'NULL'],
  ['MAP(VARCHAR, INTEGER)', "MAP {'a': 1, 'b': 2}", "MAP {'b': 2, 'a': 1}"],
  ['MAP(VARCHAR, VARCHAR)', "MAP {'a=b': 'c'}", "MAP {'a': 'b=c'}"],
];

describe('content identity', () => {
  it.each(PAIRS)('of %s distinguishes %s and %s', async (type, a, b) => {
    const [one, other] = [`SELECT CAST(${a} AS ${type}) AS x`, `SELECT CAST(${b} AS ${type}) AS x`];
    expect(await identityOf(one)).not.toBe(await identityOf(other));
    expect(await identityOf(`${one} UNION ALL ${other}`)).not.toBe(await identityOf(`${one} UNION ALL ${one}`));
    expect(await identityOf(`${one} UNION ALL ${other}`)).toBe(await identityOf(`${other} UNION ALL ${one}`));
    expect(await identityOf(`${one} UNION ALL ${other}`, true)).not.toBe(
      await identityOf(`${other} UNION ALL ${one}`, true),
    );
  });

  it.each([
    ['names', 'SELECT 1 AS a', 'SELECT 1 AS b'],
    ['types', 'SELECT 1::INTEGER AS a', 'SELECT 1::BIGINT AS a'],
    ['which column a value is in', 'SELECT 1 AS a, 2 AS b', 'SELECT 2 AS a, 1 AS b'],
    [
      'which values share a row',
      'SELECT * FROM (VALUES (1, 1), (2, 2)) t(a, b)',
      'SELECT * FROM (VALUES (1, 2), (2, 1)) t(a, b)',
    ],
    ['the number of equal rows', 'SELECT 1 AS a', 'SELECT 1 AS a FROM range(2)'],
    ['no rows and a row of NULLs', 'SELECT NULL::INTEGER AS a WHERE false', 'SELECT NULL::INTEGER AS a'],
  ])('distinguishes %s', async (_, one, other) => {
    expect(await identityOf(one)).not.toBe(await identityOf(other));
  });
});
