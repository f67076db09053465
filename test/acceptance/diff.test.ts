import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addNode, addUniqueCustomers, baselineProject, inlineProject, type TestProject } from './harness.ts';

interface DiffNode {
  readonly id: string;
  readonly change: string;
  readonly columns: { readonly added: string[]; readonly removed: string[]; readonly retyped: unknown[] };
  readonly rows: Readonly<Record<'left' | 'right' | 'only_left' | 'only_right' | 'both', number>>;
  readonly key: string[] | null;
  readonly changed_columns: readonly { readonly name: string; readonly rows: number }[] | null;
  readonly samples?: { readonly only_left: (string | null)[][]; readonly only_right: (string | null)[][] };
}

const NOTHING = { added: [], removed: [], retyped: [] };

/** A project with one table in production, and another query for it in `dev`. */
async function changed(before: string, after: string): Promise<TestProject> {
  const project = inlineProject({ 'source.s': 'n\n1\n', 'transform.t': `${before} -- ref('source.s')` });
  await project.ok('run');
  await applyQuery(project, after);
  return project;
}

async function applyQuery(project: TestProject, sql: string, environment = 'dev'): Promise<void> {
  addNode(project, 'transform.t', `${sql} -- ref('source.s')`);
  await project.ok('env', 'plan', environment);
  await project.ok('env', 'apply', environment);
}

async function compare(project: TestProject, ...words: string[]): Promise<DiffNode> {
  const document = await project.document('env', 'diff', 'dev', ...words);
  return project.node(document, 'transform.t') as never;
}

const differ = async (before: string, after: string, ...words: string[]): Promise<DiffNode> =>
  compare(await changed(before, after), ...words);

/** Rows with their index. */
const values = (...rows: string[]): string => `FROM (VALUES ${rows.map(row => `(${row})`).join(', ')}) v(a, b)`;

describe('env diff: rows', () => {
  it('counts rows as multisets, with duplicates and NULLs, and needs no key', async () => {
    const left = `SELECT a, b ${values("1, 'x'", "1, 'x'", "1, 'x'", "NULL, 'n'", "NULL, 'n'", '2, NULL', '3, NULL')}`;
    const right = `SELECT a, b ${values("1, 'x'", "NULL, 'n'", "NULL, 'n'", "NULL, 'n'", '2, NULL', '4, NULL', '4, NULL')}`;
    expect(await differ(left, right)).toMatchObject({
      change: 'modified',
      columns: NOTHING,
      rows: { left: 7, right: 7, only_left: 3, only_right: 3, both: 4 },
      key: null,
      changed_columns: null,
    });
  });

  const pairs: readonly (readonly [string, string, string])[] = [
    ['DOUBLE', '0.0::DOUBLE', "'-0.0'::DOUBLE"],
    ['FLOAT', '0.0::FLOAT', "'-0.0'::FLOAT"],
    ['INTERVAL', "INTERVAL '1 month'", "INTERVAL '30 days'"],
    ['a list', '[]::INTEGER[]', 'NULL::INTEGER[]'],
    ['a list of NULL', '[]::INTEGER[]', '[NULL]::INTEGER[]'],
    ['a list of texts', "['a', 'b']", "['a, b']"],
    ['a list of doubles', '[0.0::DOUBLE]', "['-0.0'::DOUBLE]"],
    ['nested lists', '[[1], [2]]', '[[1, 2]]'],
    ['a struct', "{'x': NULL::INTEGER}", 'NULL::STRUCT(x INTEGER)'],
    ['a map', 'MAP {1: NULL::INTEGER}', 'MAP {}::MAP(INTEGER, INTEGER)'],
    ['a wide decimal', '(-1)::DECIMAL(38,0)', '0::DECIMAL(38,0)'],
    ['a wide decimal above 2^64', '1::DECIMAL(38,0)', '18446744073709551616::DECIMAL(38,0)'],
    ['HUGEINT', '(-1)::HUGEINT', '0::HUGEINT'],
    ['DECIMAL', '1.10::DECIMAL(9,2)', '1.11::DECIMAL(9,2)'],
    ['INTEGER', '1', '2'],
    ['BIGINT', '9007199254740992::BIGINT', '9007199254740993::BIGINT'],
    ['UBIGINT', '18446744073709551614::UBIGINT', '18446744073709551615::UBIGINT'],
    ['BOOLEAN', 'true', 'NULL::BOOLEAN'],
    ['VARCHAR', "'a'", "'a '"],
    ['an empty text', "''", 'NULL::VARCHAR'],
    ['BLOB', "'\\x00'::BLOB", "'\\x00\\x00'::BLOB"],
    ['DATE', "DATE '2026-01-01'", "'infinity'::DATE"],
    ['TIME', "TIME '10:00:00'", "TIME '10:00:00.000001'"],
    ['TIMETZ', "'12:00:00+00'::TIMETZ", "'12:00:00+01'::TIMETZ"],
    ['TIMESTAMP', "TIMESTAMP '2026-01-01 00:00:00'", "TIMESTAMP '2026-01-01 00:00:00.000001'"],
    ['TIMESTAMPTZ', "TIMESTAMPTZ '2026-01-01 00:00:00+00'", "TIMESTAMPTZ '2026-01-01 00:00:00+01'"],
    ['UUID', "'00000000-0000-0001-0000-000000000002'::UUID", "'00000000-0000-0002-0000-000000000001'::UUID"],
  ];

  it('distinguishes what a query can distinguish, in every type', async () => {
    const select = (side: 1 | 2): string =>
      `SELECT 1 AS id, ${pairs.map((pair, index) => `${pair[side]} AS c${index}`).join(', ')}`;
    const node = await differ(select(1), select(2), '--key', 'id');
    expect(node.rows).toEqual({ left: 1, right: 1, only_left: 1, only_right: 1, both: 0 });
    const found = new Set(node.changed_columns?.map(column => column.name));
    expect(pairs.filter((_, index) => !found.has(`c${index}`)).map(([type]) => type)).toEqual([]);
  });

  it('treats values as equal that no query can distinguish', async () => {
    const same = "SELECT 'NaN'::DOUBLE AS a, [NULL, 1] AS b, {'x': [1.5]} AS c, NULL::INTEGER AS d, '-0.0'::FLOAT AS e";
    const node = await differ(`${same}, 1 AS n`, `${same}, 2 AS n`, '--key', 'd');
    expect(node.changed_columns).toEqual([{ name: 'n', rows: 1 }]);
  });
});

describe('env diff: columns', () => {
  it('lists added, removed and retyped columns, and compares the common ones', async () => {
    const node = await differ(
      'SELECT range AS id, range AS gone, range::INTEGER AS num, range % 2 AS half FROM range(4)',
      'SELECT range AS id, range::VARCHAR AS num, 7 AS extra, range % 2 AS half FROM range(4)',
    );
    expect(node).toMatchObject({
      columns: { added: ['extra'], removed: ['gone'], retyped: [{ name: 'num', from: 'INTEGER', to: 'VARCHAR' }] },
      rows: { left: 4, right: 4, only_left: 0, only_right: 0, both: 4 },
      changed_columns: [],
    });
  });

  it('compares the values of a retyped column, and names it', async () => {
    const project = await changed(
      'SELECT range AS id, 30::INTEGER AS amount FROM range(3)',
      'SELECT range AS id, (30 + range)::DECIMAL(9,2) AS amount FROM range(3)',
    );
    expect(await compare(project)).toMatchObject({
      columns: { retyped: [{ name: 'amount', from: 'INTEGER', to: 'DECIMAL(9,2)' }] },
      rows: { only_left: 2, only_right: 2, both: 1 },
      changed_columns: [{ name: 'amount', rows: 2 }],
    });
    const shown = await project.ok('env', 'diff', 'dev');
    expect(shown).toContain('amount INTEGER → DECIMAL(9,2)');
    expect(shown).toContain('amount in 2 rows (by id)');
  });

  it('finds a key, and counts differing rows by column', async () => {
    const node = await differ(
      "SELECT 'k' || range AS name, range AS order_id, range % 3 AS amount, 'same' AS text FROM range(10)",
      "SELECT 'k' || range AS name, range AS order_id, CASE WHEN range < 3 THEN NULL ELSE range % 3 END AS amount, 'same' AS text FROM range(1, 12)",
    );
    expect(node).toMatchObject({ key: ['order_id'], changed_columns: [{ name: 'amount', rows: 2 }] });
    expect(node.rows).toEqual({ left: 10, right: 11, only_left: 3, only_right: 4, both: 7 });
  });

  it('finds a key of several columns', async () => {
    const lines = (amount: string): string =>
      `SELECT a.range AS order_id, b.range AS line_id, ${amount} AS amount FROM range(5) a, range(4) b`;
    const node = await differ(lines('0'), lines('CASE WHEN order_id = 2 THEN 1 ELSE 0 END'));
    expect(node).toMatchObject({ key: ['order_id', 'line_id'], changed_columns: [{ name: 'amount', rows: 4 }] });
  });

  it('uses the given key, and refuses columns that are not a key', async () => {
    const project = await changed(
      'SELECT range AS id, range % 2 AS odd, range AS v FROM range(6)',
      'SELECT range AS id, range % 2 AS odd, range + (range = 5)::INTEGER AS v FROM range(6)',
    );
    expect((await compare(project, '--key', 'ODD,id')).changed_columns).toEqual([{ name: 'v', rows: 1 }]);
    const alike = await project.run(['env', 'diff', 'dev', 'transform.t', '--key', 'odd']);
    expect([alike.code, alike.stderr]).toEqual([1, expect.stringContaining('odd is not a key of transform.t')]);
    const everywhere = await project.run(['env', 'diff', 'dev', '--key', 'odd', '--json']);
    expect(everywhere.stderr).toContain('odd is not a key of transform.t');
    expect(everywhere.stdout).toContain('"changed_columns": null');
    const unknown = await project.run(['env', 'diff', 'dev', '--key', 'idd']);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("Did you mean 'id'?")]);
  });

  it('never detects a key in volatile values', async () => {
    const node = await differ('SELECT range AS id FROM range(3)', 'SELECT range + 100 AS id FROM range(3)');
    expect(node).toMatchObject({ key: null, changed_columns: null, rows: { both: 0 } });
  });
});

describe('env diff: samples', () => {
  it('shows the requested number of rows of either side, by key', async () => {
    const project = await changed(
      "SELECT range AS id, 'a' AS t, [NULL, 0.5] AS l FROM range(9)",
      "SELECT range AS id, CASE WHEN range > 2 THEN NULL ELSE 'a' END AS t, [NULL, 0.5] AS l FROM range(9)",
    );
    const node = await compare(project, '--limit', '2');
    expect(node.samples).toEqual({
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 't', type: 'VARCHAR' },
        { name: 'l', type: expect.stringContaining('[]') },
      ],
      only_left: [
        ['3', 'a', '[NULL, 0.5]'],
        ['4', 'a', '[NULL, 0.5]'],
      ],
      only_right: [
        ['3', null, '[NULL, 0.5]'],
        ['4', null, '[NULL, 0.5]'],
      ],
    });
    expect((await compare(project)).samples).toBeUndefined();
    expect(await project.ok('env', 'diff', 'dev', '--limit', '1')).toBe(
      [
        'ℹ Data: production → dev',
        '',
        '~ transform.t   9 rows',
        '    rows      3 in both, 6 only in production, 6 only in dev',
        '    changed   t in 6 rows (by id)',
        '',
        '    only in production',
        '    ┌────┬───┬─────────────┐',
        '    │ id │ t │ l           │',
        '    ├────┼───┼─────────────┤',
        '    │  3 │ a │ [NULL, 0.5] │',
        '    └────┴───┴─────────────┘',
        '',
        '    only in dev',
        '    ┌────┬──────┬─────────────┐',
        '    │ id │ t    │ l           │',
        '    ├────┼──────┼─────────────┤',
        '    │  3 │ NULL │ [NULL, 0.5] │',
        '    └────┴──────┴─────────────┘',
        '',
        'Total: 1 node, 1 changed',
        '',
      ].join('\n'),
    );
  });

  it('shows a row as often as one side has it more often', async () => {
    const node = await differ(
      `SELECT a, b ${values("1, 'x'", "1, 'x'", "1, 'x'", '2, NULL')}`,
      `SELECT a, b ${values("1, 'x'", '2, NULL', '2, NULL')}`,
      '--limit',
      '10',
    );
    expect(node.samples?.only_left).toEqual([
      ['1', 'x'],
      ['1', 'x'],
    ]);
    expect(node.samples?.only_right).toEqual([['2', null]]);
  });
});

describe('env diff: nodes and environments', () => {
  it('names only changed, new and removed nodes', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    addNode(project, 'transform.extra', "SELECT 1 AS one FROM ref('source.raw_orders')");
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    const before = project.snapshot();
    const document = (await project.document('env', 'diff', 'dev', '--limit', '1')) as never as Record<string, unknown>;
    expect(document).toMatchObject({ format: 'seeknal.diff', version: 1, left: 'production', right: 'dev' });
    const nodes = document['nodes'] as DiffNode[];
    expect(nodes.map(node => [node.id, node.change]).sort()).toEqual([
      ['transform.daily_revenue', 'modified'],
      ['transform.extra', 'new'],
    ]);
    expect(nodes.find(node => node.id === 'transform.daily_revenue')).toMatchObject({
      columns: { added: ['unique_customers'], removed: [], retyped: [] },
      rows: { left: 8, right: 8, only_left: 0, only_right: 0, both: 8 },
    });
    expect(nodes.find(node => node.id === 'transform.extra')).toMatchObject({
      columns: { added: ['one'] },
      rows: { left: 0, right: 13, only_left: 0, only_right: 13, both: 0 },
      changed_columns: null,
      samples: { only_left: [], only_right: [['1']] },
    });
    expect(await project.ok('env', 'diff', 'dev')).toBe(
      [
        'ℹ Data: production → dev',
        '',
        '+ transform.extra           new, 13 rows',
        '~ transform.daily_revenue   8 rows, equal in the common columns',
        '    added   unique_customers',
        '',
        'Total: 2 nodes, 1 changed, 1 new',
        '',
      ].join('\n'),
    );
    expect(project.snapshot()).toEqual(before);
  });

  it('compares with another environment, or only one node', async () => {
    const project = await changed('SELECT 1 AS a', 'SELECT 2 AS a');
    await applyQuery(project, 'SELECT 3 AS a, 4 AS b', 'staging');
    const both = await project.document('env', 'diff', 'dev', 'staging');
    expect(both).toMatchObject({ left: 'staging', right: 'dev' });
    expect(project.node(both, 'transform.t')).toMatchObject({ columns: { removed: ['b'] } });
    for (const words of [['transform.t'], ['t'], ['production', 'transform.t'], ['prod', 't']])
      expect((await project.document('env', 'diff', 'dev', ...words)).nodes.map(node => node.id)).toEqual([
        'transform.t',
      ]);
    const same = await project.document('env', 'diff', 'dev', 'source.s');
    expect(same.nodes).toEqual([
      expect.objectContaining({
        id: 'source.s',
        change: 'none',
        rows: { left: 1, right: 1, only_left: 0, only_right: 0, both: 1 },
      }),
    ]);
    expect(await project.ok('env', 'diff', 'dev', 's')).toBe('✓ source.s is the same in production and dev: 1 row.\n');
    expect(await project.ok('env', 'diff', 'dev', 'dev')).toBe('✓ No differences between dev and dev.\n');
  });

  it('shows a removed node', async () => {
    const project = inlineProject({ 'source.s': 'n\n1\n', 'transform.t': "SELECT 1 AS a FROM ref('source.s')" });
    await project.ok('run');
    project.remove('seeknal/t.yml');
    await project.ok('env', 'plan', 'dev');
    await project.ok('env', 'apply', 'dev');
    expect(await compare(project, '--limit', '5')).toMatchObject({
      change: 'removed',
      columns: { added: [], removed: ['a'], retyped: [] },
      rows: { left: 1, right: 0, only_left: 1, only_right: 0, both: 0 },
      samples: { only_left: [['1']], only_right: [] },
    });
  });

  it('refuses invalid names, unknown environments and nodes, and environments without data', async () => {
    const project = await baselineProject();
    addUniqueCustomers(project);
    await project.ok('env', 'plan', 'dev');
    const planned = await project.run(['env', 'diff', 'dev']);
    expect([planned.code, planned.stderr]).toEqual([1, expect.stringContaining('has not been applied')]);
    await project.ok('env', 'apply', 'dev');
    const refusals: readonly (readonly [readonly string[], string])[] = [
      [['nope'], "Environment 'nope' not found."],
      [['dev', 'nope'], "Environment 'nope' not found."],
      [['dev', '../x'], 'is not a valid environment name'],
      [['Dev'], 'is not a valid environment name'],
      [['production'], 'reserved'],
      [['dev', 'transform.daily_revenu'], "Did you mean 'transform.daily_revenue'?"],
      [['dev', 'production', 'daily_revenu'], "Did you mean 'daily_revenue'?"],
      [['dev', '--limit', 'many'], '--limit takes a whole number'],
    ];
    for (const [words, message] of refusals) {
      const outcome = await project.run(['env', 'diff', ...words]);
      expect([words, outcome.code, outcome.stderr]).toEqual([words, 1, expect.stringContaining(message)]);
    }
  });

  it('works with broken project files, reports an unapplied plan, and refuses damaged outputs', async () => {
    const project = await changed('SELECT 1 AS a', 'SELECT 2 AS a');
    addNode(project, 'transform.t', "SELECT 5 AS a -- ref('source.s')");
    await project.ok('env', 'plan', 'dev');
    project.write('seeknal/broken.yml', 'kind: [');
    const outcome = await project.run(['env', 'diff', 'dev', '--json']);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('has a plan that has not been applied');
    const file = 'target/environments/dev/intermediate/transform_t.parquet';
    chmodSync(project.path(file), 0o644);
    project.write(file, 'nothing');
    const damaged = await project.run(['env', 'diff', 'dev']);
    expect([damaged.code, damaged.stderr]).toEqual([
      1,
      expect.stringContaining('The output of transform.t in the store is missing or damaged.'),
    ]);
  });
});
