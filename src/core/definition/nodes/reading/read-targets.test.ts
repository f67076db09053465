import { describe, expect, it } from 'vitest';
import { parseNodeFile as parseFile } from './parse-node-file.ts';

const parseNodeFile = (text: string) => parseFile({ path: 'seeknal/n.yml', text }, () => null);

const TRANSFORM = 'kind: transform\nname: t\ntransform: SELECT 1 AS a\n';
const parse = (yaml: string) => parseNodeFile(`${TRANSFORM}${yaml}`);
const targetsOf = (yaml: string) => {
  const { node, diagnostics } = parse(yaml);
  expect(diagnostics).toEqual([]);
  return node?.targets.map(target => ({ ...target, at: null }));
};
const mistakesOf = (yaml: string) =>
  parse(yaml).diagnostics.map(({ code, message, hint }) => `${code}: ${message} (${hint})`);

const FULL = {
  type: 'postgresql',
  connection: 'pg',
  table: 'analytics.orders',
  mode: { kind: 'replace' },
  createTable: true,
  cascade: false,
  at: null,
};
const ENTRY = 'type: postgresql, connection: pg, table: analytics.orders';

describe('targets', () => {
  it('are read with every mode and key', () => {
    const yaml = `materializations:
  - { ${ENTRY}, mode: full, cascade: true }
  - { type: postgres, connection: other, table: orders, mode: overwrite, create_table: false }
  - { ${ENTRY}2, mode: append }
  - { ${ENTRY}3, mode: incremental_by_time, time_column: day, lookback: 7d }
  - { ${ENTRY}4, mode: incremental_by_time, time_column: day, lookback: 2 }
  - { ${ENTRY}5, mode: upsert_by_key, unique_keys: [a, b] }
  - { ${ENTRY}6, mode: upsert_by_key, unique_keys: a }
  - { type: postgresql, connection: pg, table: '"My Schema"."T.1"' }
`;
    const table = (suffix: number) => ({ ...FULL, table: `analytics.orders${suffix}` });
    expect(targetsOf(yaml)).toEqual([
      { ...FULL, cascade: true },
      { ...FULL, connection: 'other', table: 'orders', createTable: false },
      { ...table(2), mode: { kind: 'append' } },
      { ...table(3), mode: { kind: 'replace-period', timeColumn: 'day', lookback: 7 * 86_400_000 } },
      { ...table(4), mode: { kind: 'replace-period', timeColumn: 'day', lookback: 2 * 86_400_000 } },
      { ...table(5), mode: { kind: 'upsert', keys: ['a', 'b'] } },
      { ...table(6), mode: { kind: 'upsert', keys: ['a'] } },
      { ...FULL, table: '"My Schema"."T.1"' },
    ]);
  });

  it('are one entry under the singular key, and none if empty, null or disabled', () => {
    expect(targetsOf(`materialization: { ${ENTRY} }\n`)).toEqual([FULL]);
    for (const yaml of ['materializations: []\n', 'materializations: [null]\n', 'materialization:\n'])
      expect(targetsOf(yaml)).toEqual([]);
    expect(targetsOf(`materializations: [{ ${ENTRY}, enabled: false }, { enabled: false, table: a.b }]\n`)).toEqual([]);
  });

  it('may take parameters for their table', () => {
    expect(targetsOf(`materialization: { ${ENTRY.replace('analytics', "'{{ schema }}")}' }\n`)).toEqual([
      { ...FULL, table: '{{ schema }}.orders' },
    ]);
  });

  it.each([
    [
      'both keys',
      `materialization: { ${ENTRY} }\nmaterializations: []\n`,
      "conflicting-keys: 'materialization' and 'materializations' cannot be combined. (Use `materializations`, a list.)",
    ],
    [
      'no list',
      `materializations: { ${ENTRY} }\n`,
      "wrong-type: 'materializations' must be a list, not a mapping. (Write `materializations: [a, b]`, or one `- item` per line under it.)",
    ],
    [
      'a text',
      'materializations: [analytics.orders]\n',
      'wrong-type: A target must be a mapping. (Write `- { type: postgresql, connection: local_pg, table: analytics.orders, mode: full }`.)',
    ],
    [
      'no type but a connection',
      'materialization: { connection: pg, table: a.b }\n',
      "missing-key: A target with a 'connection' needs a 'type'. (Write `type: postgresql`.)",
    ],
    [
      'iceberg without a type',
      'materialization: { table: a.b }\n',
      "not-yet-supported: Targets of type 'iceberg' are not supported yet. (Set `enabled: false`.)",
    ],
    [
      'an unknown type',
      'materialization: { type: postgrs, connection: pg, table: a.b }\n',
      "unknown-target-type: Unknown target type 'postgrs'. (Did you mean 'postgres'?)",
    ],
    [
      'no connection',
      'materialization: { type: postgresql, table: a.b }\n',
      "missing-key: A target needs a 'connection'. (Name a connection of the profile: `connection: local_pg`.)",
    ],
    [
      'no table',
      'materialization: { type: postgresql, connection: pg }\n',
      "missing-key: A target needs a 'table'. (Write the table as `table: schema.table`.)",
    ],
    [
      'three parts',
      'materialization: { type: postgresql, connection: pg, table: a.b.c }\n',
      'bad-table: \'a.b.c\' has 3 parts; a table is named as schema.table. (Write `table: schema.table`; a name with special characters needs double quotes: `sales."Total Revenue"`.)',
    ],
    [
      'SQL for a table',
      'materialization: { type: postgresql, connection: pg, table: "a.b; DROP TABLE c" }\n',
      'bad-table: \'a.b; DROP TABLE c\' is not a valid table name. (Write `table: schema.table`; a name with special characters needs double quotes: `sales."Total Revenue"`.)',
    ],
    [
      'an unknown mode',
      `materialization: { ${ENTRY}, mode: upsert }\n`,
      "bad-value: Unknown mode 'upsert'. (Modes: full, overwrite, append, incremental_by_time, upsert_by_key.)",
    ],
    [
      'no keys',
      `materialization: { ${ENTRY}, mode: upsert_by_key }\n`,
      "missing-key: Mode upsert_by_key needs 'unique_keys'. (Write `unique_keys: [order_id]`.)",
    ],
    [
      'keys that repeat',
      `materialization: { ${ENTRY}, mode: upsert_by_key, unique_keys: [a, A] }\n`,
      "bad-value: 'unique_keys' must list different columns. (Write `unique_keys: [order_id]`.)",
    ],
    [
      'no time column',
      `materialization: { ${ENTRY}, mode: incremental_by_time }\n`,
      "missing-key: Mode incremental_by_time needs 'time_column'. (Write `time_column: order_date`.)",
    ],
    [
      'cascade with another mode',
      `materialization: { ${ENTRY}, mode: append, cascade: true }\n`,
      "conflicting-keys: 'cascade' belongs to mode full, not append. (Remove 'cascade', or write `mode: full`.)",
    ],
    [
      'keys of another mode',
      `materialization: { ${ENTRY}, mode: append, unique_keys: [a] }\n`,
      "conflicting-keys: 'unique_keys' belongs to mode upsert_by_key, not append. (Remove 'unique_keys', or write `mode: upsert_by_key`.)",
    ],
    [
      'a negative lookback',
      `materialization: { ${ENTRY}, mode: incremental_by_time, time_column: a, lookback: -1 }\n`,
      "bad-value: '-1' is not a valid duration. (Write a duration such as 7d, 12h or 30m, or a number of days.)",
    ],
    [
      'a flag that is not one',
      `materialization: { ${ENTRY}, create_table: maybe }\n`,
      "wrong-type: 'create_table' must be true or false, not the text 'maybe'. (Write `create_table: true`.)",
    ],
    [
      'the same table twice',
      `materializations: [{ ${ENTRY} }, { ${ENTRY}, mode: append }]\n`,
      "duplicate-target: analytics.orders on 'pg' is listed twice. (Remove one of them.)",
    ],
    [
      'an unknown key',
      `materialization: { ${ENTRY}, modes: full }\n`,
      "unknown-key: Unknown key 'modes' in a target. (Did you mean 'mode'?)",
    ],
  ])('refuse %s', (_, yaml, expected) => {
    expect(mistakesOf(yaml)).toEqual([expected]);
  });
});

const SOURCE = 'kind: source\nname: s\nsource: postgresql\n';
const sourceOf = (yaml: string) => parseNodeFile(`${SOURCE}${yaml}`);

describe('a source on a server', () => {
  it('reads a table with its connection, increments and freshness', () => {
    const { node, diagnostics } = sourceOf(`table: sales.orders
params: { connection: pg }
incremental: { time_column: updated_at, key: [id, line], lookback: 1d }
freshness: { time_column: updated_at, warn_after: 12h, error_after: 3 }
`);
    expect(diagnostics).toEqual([]);
    expect(node).toMatchObject({
      source: 'postgresql',
      table: 'sales.orders',
      options: { connection: 'pg' },
      incremental: { timeColumn: 'updated_at', key: ['id', 'line'], lookback: 86_400_000 },
      freshness: { timeColumn: 'updated_at', warnAfter: 12 * 3_600_000, errorAfter: 3 * 86_400_000 },
    });
  });

  it('reads a query, also under the alias of its type', () => {
    const { node, diagnostics } = parseNodeFile(
      'kind: source\nname: s\nsource: postgres\nparams: { query: SELECT 1 AS a, password: "{{ env:PW }}" }\n',
    );
    expect(diagnostics).toEqual([]);
    expect(node).toMatchObject({
      source: 'postgresql',
      table: '',
      options: { query: 'SELECT 1 AS a', password: '{{ env:PW }}' },
      incremental: null,
      freshness: null,
    });
  });

  it.each(['${PW}', '{{ env:PW }}'])('takes a password from a variable: %s', password => {
    const { node, diagnostics } = sourceOf(`table: a.b\nparams: { password: "${password}" }\n`);
    expect(diagnostics).toEqual([]);
    expect(node).toMatchObject({ options: { password } });
  });

  it.each([
    ['neither table nor query', '', 'missing-key'],
    ['both', 'table: a.b\nparams: { query: SELECT 1 }\n', 'conflicting-keys'],
    ['an empty query', 'params: { query: " " }\n', 'bad-value'],
    ['a name of three parts', 'table: a.b.c\n', 'bad-table'],
    ['an option of a file', 'table: a.b\nparams: { skip: 1 }\n', 'unknown-option'],
    ['a password', 'table: a.b\nparams: { password: s3cret }\n', 'secret-in-node'],
    ['a default of a password', 'table: a.b\nparams: { password: "${PW:s3cret}" }\n', 'secret-in-node'],
    ['increments without a key', 'table: a.b\nincremental: { time_column: t }\n', 'missing-key'],
    ['increments without a time column', 'table: a.b\nincremental: { key: id }\n', 'missing-key'],
    ['freshness without a limit', 'table: a.b\nfreshness: { time_column: t }\n', 'missing-key'],
    [
      'freshness with a limit that is not a duration',
      'table: a.b\nfreshness: { time_column: t, warn_after: 1 hr }\n',
      'bad-value',
    ],
    ['freshness with an empty limit', 'table: a.b\nfreshness: { time_column: t, warn_after: }\n', 'missing-key'],
    ['an unknown key within', 'table: a.b\nfreshness: { time_column: t, warn_after: 1d, warn: 1 }\n', 'unknown-key'],
  ])('refuses %s', (_, yaml, code) => {
    const { diagnostics } = sourceOf(yaml);
    expect(diagnostics.map(found => found.code)).toEqual([code]);
    expect(JSON.stringify(diagnostics.map(({ message, hint }) => [message, hint]))).not.toContain('s3cret');
  });
});
