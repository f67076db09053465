import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import type { IncrementalReading } from '../../../core/definition/nodes/node.ts';
import type { EarlierReading } from '../../../core/plan/sources/source-inspection.ts';
import {
  asEarlier,
  failureOf,
  postgresNode,
  type ReadRows,
  SourceBench,
  type SourceFields,
} from '../source-bench.testing.ts';

const HOUR = 3_600_000;

describePostgres('a source that is read incrementally', () => {
  let postgres: TestPostgres;
  let bench: SourceBench;
  beforeAll(async () => {
    postgres = await startPostgres({ settings: { log_statement: 'all' } });
    bench = await SourceBench.open(postgres, { ownMoments: true });
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    await postgres.rows(`
      DROP TABLE IF EXISTS orders;
      CREATE TABLE orders (id int, part text, amount numeric, at timestamp);
      INSERT INTO orders VALUES
        (1, 'a', 1, '2020-01-01 00:00'), (2, NULL, 2, '2020-01-02 00:00'), (3, 'c', 3, '2020-01-03 00:00.5')`);
  });

  const rule = (fields: Partial<IncrementalReading> = {}): SourceFields => ({
    table: 'orders',
    incremental: { timeColumn: 'at', key: ['id', 'part'], lookback: 0, ...fields },
  });
  const read = (fields = rule(), earlier: EarlierReading | null = null, full = false) =>
    bench.read(postgresNode(fields), { earlier, full });
  const next = (before: ReadRows, fields = rule(), changes: Partial<EarlierReading> = {}) =>
    read(fields, asEarlier(before, changes));
  const idsAndAmounts = ({ rows }: ReadRows) => rows.map(([id, , amount]) => `${id}: ${Number(amount)}`);

  it('is read completely at first, and remembers its newest time', async () => {
    const { staged, rows } = await read();
    const [[oid] = []] = await postgres.rows(`SELECT 'orders'::regclass::oid`);
    expect(rows).toHaveLength(3);
    expect(staged.bookmark).toEqual({ table: oid, watermark: '2020-01-03 00:00:00.5' });
  });

  it('replaces rows by key and adds new ones', async () => {
    const before = await read();
    await postgres.rows(`
      UPDATE orders SET amount = 20, at = '2020-01-04' WHERE id = 2;
      UPDATE orders SET amount = 10 WHERE id = 1;
      DELETE FROM orders WHERE id = 3;
      INSERT INTO orders VALUES (4, NULL, 4, '2020-01-05'), (5, NULL, 5, NULL), (1, 'b', 6, '2020-01-04')`);
    const after = await next(before);
    // Row 1 changed without a newer time, and row 3 was deleted: neither is noticed.
    expect(idsAndAmounts(after)).toEqual(['1: 1', '1: 6', '2: 20', '3: 3', '4: 4', '5: 5']);
    expect(after.staged).toMatchObject({ rows: 6, bookmark: { watermark: '2020-01-05 00:00:00' } });
    const { identity, rows } = await bench.session.identityOf({ kind: 'files', files: [{ path: after.path }] }, {});
    expect([identity, rows]).toEqual([after.staged.identity, 6]);
    await postgres.rows(`UPDATE orders SET amount = 50 WHERE id = 5`);
    expect(idsAndAmounts(await next(after))).toEqual(['1: 1', '1: 6', '2: 20', '3: 3', '4: 4', '5: 50']);
  });

  it('asks the server only for rows within the lookback', async () => {
    const before = await read();
    await postgres.rows(`UPDATE orders SET amount = amount * 10`);
    expect(idsAndAmounts(await next(before))).toEqual(['1: 1', '2: 2', '3: 30']);
    const wide = rule({ lookback: 25 * HOUR });
    expect(idsAndAmounts(await next(before, wide))).toEqual(['1: 1', '2: 20', '3: 30']);
    expect(postgres.log()).toContain(
      `WHERE r."at" >= '2020-01-03 00:00:00.5'::timestamp - interval '90000000 milliseconds' OR r."at" IS NULL`,
    );
  });

  it('has the same content if nothing is new', async () => {
    const before = await read();
    const after = await next(before);
    expect(after.staged).toEqual(before.staged);
    await postgres.rows('DELETE FROM orders');
    const kept = await next(after);
    expect(kept.staged).toMatchObject({ identity: before.staged.identity, rows: 3, bookmark: null });
  });

  it.each([
    ['with --full', {}, true],
    ['under another definition', { sameDefinition: false }, false],
    ['with other columns', { columns: [{ name: 'id', type: 'INTEGER' }] }, false],
  ])('is read completely %s', async (_, changes, full) => {
    const before = await read();
    await postgres.rows('DELETE FROM orders WHERE id = 1');
    const evolving: SourceFields = { ...rule(), onSchemaChange: 'evolve' };
    expect(idsAndAmounts(await read(evolving, asEarlier(before, changes), full))).toEqual(['2: 2', '3: 3']);
  });

  it('is read completely from another endpoint, from another table, and without a bookmark', async () => {
    const before = await read();
    await postgres.rows('DELETE FROM orders WHERE id = 1');
    const { data } = asEarlier(before);
    const table = { table: '1', watermark: '2020-01-03' };
    for (const change of [{ endpoint: 'postgresql://other:5432/x' }, { bookmark: null }, { bookmark: table }])
      expect(idsAndAmounts(await next(before, rule(), { data: { ...data, ...change } }))).toEqual(['2: 2', '3: 3']);
  });

  it('is read completely from a view that was defined anew', async () => {
    const view = (rest: string) => postgres.rows(`CREATE OR REPLACE VIEW some_orders AS SELECT * FROM orders ${rest}`);
    await view('WHERE id > 1');
    const fields = rule({ key: ['id', 'part'] });
    const before = await read({ ...fields, table: 'some_orders' });
    await postgres.rows('UPDATE orders SET amount = 20 WHERE id = 2');
    expect(idsAndAmounts(await next(before, { ...fields, table: 'some_orders' }))).toEqual(['2: 2', '3: 3']);
    await view('WHERE id < 3');
    expect(idsAndAmounts(await next(before, { ...fields, table: 'some_orders' }))).toEqual(['1: 1', '2: 20']);
    await postgres.rows('DROP VIEW some_orders');
  });

  it('has no bookmark if no row has a time', async () => {
    await postgres.rows(`UPDATE orders SET at = NULL`);
    expect((await read()).staged).toMatchObject({ rows: 3, bookmark: null });
  });

  it('does not take an infinite time for its newest', async () => {
    await postgres.rows(`INSERT INTO orders VALUES (4, NULL, 4, 'infinity')`);
    const before = await read();
    expect(before.staged.bookmark?.watermark).toBe('2020-01-03 00:00:00.5');
    await postgres.rows(`INSERT INTO orders VALUES (5, NULL, 5, '2020-01-04'); DELETE FROM orders WHERE id = 2`);
    expect(idsAndAmounts(await next(before))).toEqual(['1: 1', '2: 2', '3: 3', '4: 4', '5: 5']);
  });

  it.each([
    ['date', "'2020-01-01'", "'2020-01-02'", '2020-01-02'],
    ['timestamptz', "'2020-01-01 00:00+02'", "'2020-01-01 02:00+02'", '2020-01-01 00:00:00+00'],
    ['int8', '9223372036854775806', '9223372036854775807', '9223372036854775807'],
    ['numeric(20,4)', '1.5', '2.5', '2.5000'],
    ['float8', '0.1', '0.30000000000000004', '0.30000000000000004'],
    ['numeric(20,4)', '-2.5', '-1.5', '-1.5000'],
  ])('may be ordered by %s', async (type, first, second, watermark) => {
    await postgres.rows(`DROP TABLE orders; CREATE TABLE orders (id int, part text, amount int, at ${type});
      INSERT INTO orders VALUES (1, '', 1, ${first})`);
    const before = await read();
    await postgres.rows(`UPDATE orders SET amount = 2; INSERT INTO orders VALUES (2, '', 2, ${second})`);
    const after = await next(before);
    expect(idsAndAmounts(after)).toEqual(['1: 2', '2: 2']);
    expect(after.staged.bookmark?.watermark).toBe(watermark);
    expect(idsAndAmounts(await next(after))).toEqual(['1: 2', '2: 2']);
  });

  it('may be a query', async () => {
    const fields = (query: string): SourceFields => ({ ...rule(), table: '', options: { query } });
    const before = await read(fields('SELECT * FROM orders'));
    await postgres.rows(`DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (4, '', 4, '2020-01-05')`);
    expect(idsAndAmounts(await next(before, fields('SELECT * FROM orders; -- same')))).toHaveLength(4);
    expect(idsAndAmounts(await next(before, fields('SELECT * FROM orders WHERE true')))).toHaveLength(3);
  });

  it('refuses rows that share their key, in the first reading and in later ones', async () => {
    const failure = {
      code: 'repeated-key',
      message: 'source.orders has rows that share their key: id = 1, part = a; id = 2, part = NULL; id = 3, part = c.',
    };
    const before = await read();
    await postgres.rows(`INSERT INTO orders SELECT id, part, 0, '2020-02-01' FROM orders, generate_series(1, 2);
      INSERT INTO orders SELECT 9, '', 0, '2020-02-01' FROM generate_series(1, 2)`);
    const files = bench.staged();
    expect(await failureOf(read())).toMatchObject(failure);
    expect(await failureOf(next(before))).toMatchObject(failure);
    expect(bench.staged()).toEqual(files);
  });

  describe('checks its columns', () => {
    it.each([
      [
        { timeColumn: 'att' },
        'unknown-column',
        "source.orders has no column 'att', which `incremental.time_column` names.",
      ],
      [{ key: ['idd'] }, 'unknown-column', "source.orders has no column 'idd', which `incremental.key` names."],
      [
        { timeColumn: 'part' },
        'bad-time-column',
        "source.orders cannot use column 'part' (text) as `incremental.time_column`.",
      ],
      [
        { timeColumn: 'amount', lookback: HOUR },
        'bad-time-column',
        "source.orders cannot look back in time from column 'amount', which is a number.",
      ],
    ])('%j', async (fields, code, message) => {
      expect(await failureOf(bench.inspect(postgresNode(rule(fields))))).toMatchObject({
        code,
        message,
        hint: expect.any(String) as string,
      });
    });
  });

  describe('with freshness', () => {
    const fresh = (warnAfter: number | null, errorAfter: number | null): SourceFields => ({
      table: 'orders',
      freshness: { timeColumn: 'at', warnAfter, errorAfter },
    });

    it('warns about old rows, and fails for older ones', async () => {
      await postgres.rows(`UPDATE orders SET at = (now() AT TIME ZONE 'UTC') - interval '26 hours 30 minutes'`);
      expect((await read(fresh(27 * HOUR, 28 * HOUR))).staged.warnings).toEqual([]);
      const [warning, ...more] = (await read(fresh(26 * HOUR, 27 * HOUR))).staged.warnings;
      expect(more).toEqual([]);
      expect(warning).toMatch(
        /^source\.orders is not fresh: the newest 'at' is [-0-9]+ [:.0-9]+, 1 day 2 hours ago \(warn_after: 1 day 2 hours\)\.$/,
      );
      const files = bench.staged();
      expect(await failureOf(read(fresh(HOUR, 26 * HOUR)))).toMatchObject({
        code: 'source-stale',
        message: expect.stringContaining('1 day 2 hours ago (error_after: 1 day 2 hours).') as string,
        hint: expect.any(String) as string,
      });
      expect(bench.staged()).toEqual(files);
    });

    it('takes an empty table for too old', async () => {
      await postgres.rows('DELETE FROM orders');
      expect((await read(fresh(HOUR, null))).staged.warnings).toEqual([
        "source.orders is not fresh: no row has a time in 'at' (warn_after: 1 hour).",
      ]);
      expect(await failureOf(read(fresh(null, HOUR)))).toMatchObject({ code: 'source-stale' });
    });

    it('takes a time in the future for fresh', async () => {
      await postgres.rows(`UPDATE orders SET at = now() + interval '1 day'`);
      expect((await read(fresh(0, 0))).staged.warnings).toEqual([]);
    });

    it('measures dates, but no numbers', async () => {
      const options = { query: 'SELECT id, at::date AS at FROM orders' };
      const { warnings } = (await read({ ...fresh(HOUR, null), table: '', options })).staged;
      expect(warnings).toHaveLength(1);
      const number = { ...fresh(HOUR, null), freshness: { timeColumn: 'amount', warnAfter: HOUR, errorAfter: null } };
      expect(await failureOf(bench.inspect(postgresNode(number)))).toMatchObject({
        code: 'bad-time-column',
        message: "source.orders cannot use column 'amount' (numeric) as `freshness.time_column`.",
      });
    });
  });
});
