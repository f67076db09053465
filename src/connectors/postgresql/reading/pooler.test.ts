import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePgbouncer, startPgbouncer } from '../../../../test/servers/pgbouncer.ts';
import { startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { asEarlier, postgresNode, SourceBench } from '../source-bench.testing.ts';

describePgbouncer('a PostgreSQL source behind a pooler in transaction mode', () => {
  let postgres: TestPostgres;
  let bench: SourceBench;
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.rows(`ALTER DATABASE postgres SET timezone = 'Asia/Tokyo';
      CREATE TABLE orders AS SELECT g AS id, timestamptz '2020-01-01 00:00+00' + g * interval '1 day' AS at FROM generate_series(1, 3) AS g`);
    const { host, port } = await startPgbouncer(postgres);
    bench = await SourceBench.open({ host, port, user: postgres.user });
  });
  afterAll(() => bench.close());

  it('is read at one moment, with its own settings, and incrementally', async () => {
    const source = postgresNode({
      table: 'orders',
      incremental: { timeColumn: 'at', key: ['id'], lookback: 0 },
    });
    const first = await bench.read(source);
    expect(first.rows.map(([id, at]) => `${id} ${at}`)).toEqual([
      '1 2020-01-02 00:00:00+00',
      '2 2020-01-03 00:00:00+00',
      '3 2020-01-04 00:00:00+00',
    ]);
    expect(first.staged.bookmark?.watermark).toBe('2020-01-04 00:00:00+00');
    await postgres.rows(`INSERT INTO orders VALUES (4, '2020-02-01')`);
    expect((await bench.read(source, { earlier: asEarlier(first) })).staged).toMatchObject({ rows: 3, warnings: [] });
    // The pooler gives its connections to others: they must have none of the reader's settings.
    const query = "SELECT current_setting('timezone') AS zone, current_setting('transaction_read_only') AS only";
    const settings = await bench.servers.own(await bench.servers.ofSource(source));
    expect(await settings.rows(query)).toEqual([['Asia/Tokyo', 'off']]);
  });
});
