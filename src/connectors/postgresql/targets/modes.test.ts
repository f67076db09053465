import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WriteMode } from '../../../core/definition/nodes/target-definition.ts';
import { describePgbouncer, startPgbouncer } from '../../../../test/servers/pgbouncer.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { artefactOf, TestTargets } from './target.fixture.ts';

const DAY = 86_400_000;

describePostgres('modes of PostgreSQL targets', () => {
  describeModes(async () => {
    const server = await startPostgres();
    return { server, at: server };
  });
});

describePgbouncer('modes of PostgreSQL targets, through a pooler in transaction mode', () => {
  describeModes(async () => {
    const server = await startPostgres();
    return { server, at: await startPgbouncer(server) };
  });
});

interface Places {
  readonly server: TestPostgres;
  /** Where the store connects. */
  readonly at: Pick<TestPostgres, 'host' | 'port'>;
}

function describeModes(start: () => Promise<Places>): void {
  let server: TestPostgres;
  let database: string;
  let store: TestTargets;
  let tables = 0;
  beforeAll(async () => {
    const places = await start();
    server = places.server;
    database = await server.createDatabase();
    store = new TestTargets(places.at, database);
    await rows('CREATE SCHEMA shop');
  });
  afterAll(() => store.close());
  const rows = (sql: string) => server.rows(sql, database);
  const newTable = (): string => `shop.t${(tables += 1)}`;

  /** Writes values of `k` and `v` (SQL of DuckDB: `(1, 'a'), …`); the number of rows written. */
  async function writePairs(table: string, mode: WriteMode, values: string): Promise<number> {
    const artefact = await artefactOf(`SELECT * FROM (VALUES ${values}) AS t(k, v)`);
    const outcome = await store.write(artefact, { table, mode });
    if (outcome.kind === 'behind') throw new Error(outcome.failure.message);
    return outcome.rows;
  }
  const pairs = (table: string) => rows(`SELECT k, v FROM ${table} ORDER BY k NULLS LAST, v`);

  describe('mode full', () => {
    it('replaces all rows, those of others too', async () => {
      const table = newTable();
      const mode = { kind: 'replace' } as const;
      await writePairs(table, mode, "(1, 'a'), (2, 'b')");
      await rows(`INSERT INTO ${table} VALUES (9, 'other')`);
      expect(await writePairs(table, mode, "(3, 'c')")).toBe(1);
      expect(await pairs(table)).toEqual([['3', 'c']]);
    });
  });

  describe('mode upsert_by_key', () => {
    const mode: WriteMode = { kind: 'upsert', keys: ['k'] };

    it('replaces rows with the same key, of which NULL is one, and keeps the others', async () => {
      const table = newTable();
      await writePairs(table, mode, "(1, 'a'), (2, 'b'), (NULL, 'n')");
      expect(await writePairs(table, mode, "(2, 'B'), (3, 'C'), (NULL, 'N')")).toBe(3);
      expect(await pairs(table)).toEqual([
        ['1', 'a'],
        ['2', 'B'],
        ['3', 'C'],
        [null, 'N'],
      ]);
    });

    it('compares each combination of NULLs by itself', async () => {
      const table = newTable();
      const both: WriteMode = { kind: 'upsert', keys: ['k', 'v'] };
      const write = async (values: string) => {
        const artefact = await artefactOf(`SELECT * FROM (VALUES ${values}) AS t(k, v, n)`);
        expect(await store.write(artefact, { table, mode: both })).toMatchObject({ kind: 'written' });
      };
      await write("(1, 'a', 1), (1, NULL, 1), (NULL, 'a', 1), (NULL, NULL, 1), (2, NULL, 1), (NULL, 'b', 1)");
      await write("(1, 'a', 2), (1, NULL, 2), (NULL, 'a', 2), (NULL, NULL, 2)");
      expect(await rows(`SELECT * FROM ${table} ORDER BY n, k NULLS LAST, v NULLS LAST`)).toEqual([
        ['2', null, '1'],
        [null, 'b', '1'],
        ['1', 'a', '2'],
        ['1', null, '2'],
        [null, 'a', '2'],
        [null, null, '2'],
      ]);
    });

    it('gives a new table a unique index in which NULL equals NULL', async () => {
      const table = newTable();
      await writePairs(table, mode, "(1, 'a'), (NULL, 'n')");
      const [[index] = []] = await rows(
        `SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '${table}'::regclass`,
      );
      expect(index).toMatch(
        /^CREATE UNIQUE INDEX t\d+_[0-9a-f]{12}_key ON shop\.t\d+ USING btree \(k\) NULLS NOT DISTINCT$/,
      );
    });

    it('indexes a new table whose values the server casts', async () => {
      const table = newTable();
      await store.write(await artefactOf('SELECT 1 AS k, [1] AS v'), { table, mode });
      expect(await rows(`SELECT count(*) FROM pg_index WHERE indrelid = '${table}'::regclass AND indisunique`)).toEqual(
        [['1']],
      );
    });

    it.each([
      ['varchar(10)', "'a'"],
      ['bigint', '1'],
      ['numeric', '1'],
      ['jsonb', "'{}'::JSON"],
      ['inet', "'10.0.0.1'"],
    ])('finds keys in a column of type %s', async (type, value) => {
      const table = newTable();
      await rows(`CREATE TABLE ${table} (k ${type}, v text)`);
      for (const v of ['old', 'new']) await writePairs(table, mode, `(${value}, '${v}')`);
      expect(await rows(`SELECT v FROM ${table}`)).toEqual([['new']]);
    });

    it('refuses keys that repeat, with examples, and changes nothing', async () => {
      const table = newTable();
      await writePairs(table, mode, "(1, 'a')");
      const repeated =
        "(1, 'x'), (1, 'y'), (2, 'x'), (2, 'y'), (2, 'z'), (4, 'x'), (4, 'x'), (5, 'x'), (5, 'x'), (6, 'x')";
      await expect(writePairs(table, mode, repeated)).rejects.toThrow(
        'Keys (k) repeat in transform.orders: (1) 2 times; (2) 3 times; (4) 2 times.',
      );
      await expect(writePairs(table, mode, "(NULL, 'x'), (NULL, 'y')")).rejects.toThrow(
        'Keys (k) repeat in transform.orders: (NULL) 2 times.',
      );
      expect(await pairs(table)).toEqual([['1', 'a']]);
    });

    it('has the same result when it is repeated', async () => {
      const table = newTable();
      await writePairs(table, mode, "(1, 'a'), (NULL, 'n')");
      const artefact = await artefactOf("SELECT * FROM (VALUES (1, 'b'), (2, 'c'), (NULL, 'm')) AS t(k, v)");
      for (let times = 0; times < 2; times += 1) await store.write(artefact, { table, mode });
      expect(await pairs(table)).toEqual([
        ['1', 'b'],
        ['2', 'c'],
        [null, 'm'],
      ]);
    });
  });

  describe('mode incremental_by_time', () => {
    const dates = (...values: readonly string[]): string =>
      values.map(value => `(DATE '${value.split(' ')[0]}', '${value.split(' ')[1]}')`).join(', ');
    const period = (lookback: number): WriteMode => ({ kind: 'replace-period', timeColumn: 'k', lookback });

    it('replaces the period of the rows and keeps rows outside, on both sides', async () => {
      const table = newTable();
      await writePairs(table, period(10 * DAY), dates('2020-01-01 a', '2020-01-05 a', '2020-01-06 a', '2020-01-09 a'));
      expect(await writePairs(table, period(10 * DAY), dates('2020-01-04 b', '2020-01-06 b'))).toBe(2);
      expect(await pairs(table)).toEqual([
        ['2020-01-01', 'a'],
        ['2020-01-04', 'b'],
        ['2020-01-06', 'b'],
        ['2020-01-09', 'a'],
      ]);
    });

    it('changes nothing before the newest row less the lookback', async () => {
      const table = newTable();
      await writePairs(table, period(2 * DAY), dates('2020-01-01 a', '2020-01-05 a', '2020-01-10 a'));
      const later = dates('2020-01-01 b', '2020-01-07 b', '2020-01-08 b', '2020-01-10 b', '2020-01-12 b');
      expect(await writePairs(table, period(2 * DAY), later)).toBe(3);
      expect(await pairs(table)).toEqual([
        ['2020-01-01', 'a'],
        ['2020-01-05', 'a'],
        ['2020-01-08', 'b'],
        ['2020-01-10', 'b'],
        ['2020-01-12', 'b'],
      ]);
    });

    it.each([
      ['TIMESTAMP', 'timestamp without time zone'],
      ['TIMESTAMPTZ', 'timestamp with time zone'],
    ])('works with %s', async (type, column) => {
      const table = newTable();
      const at = (time: string, text: string): string => `(${type} '2020-01-01 ${time}', '${text}')`;
      await writePairs(
        table,
        period(DAY / 24),
        [at('00:00:00', 'a'), at('02:00:00', 'a'), at('03:00:00', 'a')].join(', '),
      );
      await writePairs(
        table,
        period(DAY / 24),
        [at('00:00:00', 'b'), at('02:00:00', 'b'), at('04:00:00', 'b')].join(', '),
      );
      expect(await rows(`SELECT v FROM ${table} ORDER BY k`)).toEqual([['a'], ['b'], ['b']]);
      expect(await rows(`SELECT DISTINCT pg_typeof(k) FROM ${table}`)).toEqual([[column]]);
    });

    it('has the same result when it is repeated, and does nothing without rows', async () => {
      const table = newTable();
      await writePairs(table, period(DAY), dates('2020-01-01 a', '2020-01-03 a'));
      for (let times = 0; times < 2; times += 1)
        await writePairs(table, period(DAY), dates('2020-01-02 b', '2020-01-03 b'));
      const none = await artefactOf("SELECT DATE '2020-01-01' AS k, 'x' AS v WHERE false");
      expect(await store.write(none, { table, mode: period(DAY) })).toMatchObject({ kind: 'written', rows: 0 });
      expect(await pairs(table)).toEqual([
        ['2020-01-01', 'a'],
        ['2020-01-02', 'b'],
        ['2020-01-03', 'b'],
      ]);
    });

    it('refuses rows without a time', async () => {
      const table = newTable();
      await expect(writePairs(table, period(0), "(DATE '2020-01-01', 'a'), (NULL, 'b')")).rejects.toThrow(
        "Column 'k' of transform.orders is NULL in 1 row.",
      );
      expect(await rows(`SELECT to_regclass('${table}')`)).toEqual([[null]]);
    });

    it('refuses rows at an infinite time, and looks back from the newest finite one', async () => {
      const table = newTable();
      await expect(writePairs(table, period(0), "(DATE '2020-01-01', 'a'), (DATE 'infinity', 'b')")).rejects.toThrow(
        "Column 'k' of transform.orders is infinite in 1 row.",
      );
      await writePairs(table, period(0), "(DATE '2020-01-01', 'a'), (DATE '2020-01-02', 'a')");
      await rows(`INSERT INTO ${table} VALUES ('infinity', 'x')`);
      await writePairs(table, period(0), "(DATE '2020-01-02', 'b'), (DATE '2020-01-03', 'b')");
      expect(await rows(`SELECT k, v FROM ${table} ORDER BY 1`)).toEqual([
        ['2020-01-01', 'a'],
        ['2020-01-02', 'b'],
        ['2020-01-03', 'b'],
        ['infinity', 'x'],
      ]);
    });
  });

  describe('mode append', () => {
    const mode = { kind: 'append' } as const;

    it('writes an artefact once if several commands do at the same time', async () => {
      const table = newTable();
      await writePairs(table, mode, "(1, 'a')");
      const artefact = await artefactOf("SELECT 2 AS k, 'b' AS v");
      const written = await Promise.all([1, 2, 3].map(() => store.write(artefact, { table, mode })));
      expect(written.map(outcome => outcome.kind === 'written' && outcome.rows).sort()).toEqual([0, 0, 1]);
      expect(await pairs(table)).toEqual([
        ['1', 'a'],
        ['2', 'b'],
      ]);
    });

    it('creates a table once if several commands do at the same time', async () => {
      const table = newTable();
      const artefact = await artefactOf("SELECT 1 AS k, 'a' AS v");
      const planned = await Promise.all([1, 2, 3].map(() => store.planned(artefact, { table, mode })));
      const outcomes = await Promise.all(planned.map(write => store.writeAll([write])));
      expect(await pairs(table)).toEqual([['1', 'a']]);
      expect(outcomes.flat().filter(outcome => outcome.kind === 'written' && outcome.rows === 1)).toHaveLength(1);
    });

    it('records what it wrote beside the table', async () => {
      const table = newTable();
      const artefact = await artefactOf("SELECT 1 AS k, 'a' AS v");
      await store.write(artefact, { table, mode });
      expect(
        await rows(
          `SELECT "table", artefact, lineage, environment, rows FROM shop.seeknal_ledger WHERE "table" = '${table.slice(5)}'`,
        ),
      ).toEqual([[table.slice(5), artefact.artefact, 'lineage-1', '', '1']]);
    });

    it('writes an artefact again to a table that was dropped', async () => {
      const table = newTable();
      const artefact = await artefactOf("SELECT 1 AS k, 'a' AS v");
      await store.write(artefact, { table, mode });
      await rows(`DROP TABLE ${table}`);
      expect(await store.write(artefact, { table, mode })).toMatchObject({ kind: 'written', rows: 1 });
      expect(await pairs(table)).toEqual([['1', 'a']]);
    });
  });

  describe('an existing table', () => {
    it.each<WriteMode>([
      { kind: 'replace' },
      { kind: 'append' },
      { kind: 'upsert', keys: ['k'] },
      { kind: 'replace-period', timeColumn: 'd', lookback: 0 },
    ])('keeps everything but its rows in mode $kind', async mode => {
      const table = newTable();
      const name = table.slice(5);
      await rows(`
        CREATE TABLE ${table} (v text DEFAULT 'x' NOT NULL, d date, k bigint CHECK (k > 0));
        COMMENT ON TABLE ${table} IS 'about orders'; COMMENT ON COLUMN ${table}.v IS 'a value';
        CREATE INDEX ${name}_v ON ${table} (v); CREATE VIEW shop.${name}_view AS SELECT k, v FROM ${table};
        GRANT SELECT ON ${table} TO PUBLIC; ALTER TABLE ${table} REPLICA IDENTITY FULL; CREATE PUBLICATION ${name}_pub FOR TABLE ${table}`);
      const shape = () =>
        rows(`
          SELECT pg_get_viewdef('shop.${name}_view'), relacl, relreplident, obj_description(c.oid, 'pg_class'), c.oid,
            (SELECT string_agg(pg_get_indexdef(indexrelid), ';') FROM pg_index WHERE indrelid = c.oid),
            (SELECT string_agg(concat_ws(' ', attname, atttypid::regtype, attnotnull, col_description(c.oid, attnum),
               (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = c.oid AND adnum = attnum)), ';' ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
            (SELECT string_agg(pg_get_constraintdef(oid), ';') FROM pg_constraint WHERE conrelid = c.oid),
            (SELECT count(*) FROM pg_publication_rel WHERE prrelid = c.oid)
          FROM pg_class c WHERE c.oid = '${table}'::regclass`);
      const before = await shape();
      const artefact = await artefactOf("SELECT 1::BIGINT AS k, 'a' AS v, DATE '2020-01-01' AS d");
      expect(await store.write(artefact, { table, mode })).toMatchObject({ kind: 'written', rows: 1 });
      expect(await shape()).toEqual(before);
      expect(await rows(`SELECT * FROM shop.${name}_view`)).toEqual([['1', 'a']]);
      const left = await rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_seeknal\\_%' AND relkind = 'r'");
      expect(left).toEqual([]);
    });

    it('matches columns by name, also if only the case differs', async () => {
      const table = newTable();
      await rows(`CREATE TABLE ${table} ("V" text, k int)`);
      await writePairs(table, { kind: 'replace' }, "(1, 'a')");
      expect(await rows(`SELECT k, "V" FROM ${table}`)).toEqual([['1', 'a']]);
    });

    it('accepts names that need quotes', async () => {
      const artefact = await artefactOf('SELECT 1 AS "a ""b"" \'c\'", 2 AS "Ünï", 3 AS "select"');
      const target = { table: '"my ""schema""".\'t\''.replaceAll("'", '"').replace('"t"', '"T able"') };
      for (const mode of [{ kind: 'append' }, { kind: 'upsert', keys: ['select', 'Ünï'] }] as const)
        expect(await store.write(artefact, { ...target, mode })).toMatchObject({ kind: 'written', rows: 1 });
      expect(await rows(`SELECT * FROM "my ""schema"""."T able"`)).toEqual([['1', '2', '3']]);
    });

    it('is dropped and made anew with cascade', async () => {
      const table = newTable();
      await rows(`CREATE TABLE ${table} (k text); CREATE VIEW ${table}_view AS SELECT * FROM ${table}`);
      const artefact = await artefactOf('SELECT 1 AS k, [2] AS v');
      const outcome = await store.write(artefact, { table, cascade: true });
      expect(outcome).toMatchObject({ kind: 'written', rows: 1 });
      expect(await rows(`SELECT * FROM ${table}`)).toEqual([['1', '{2}']]);
      expect(await rows(`SELECT to_regclass('${table}_view')`)).toEqual([[null]]);
    });
  });
}
