import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WriteMode } from '../../../core/definition/nodes/target-definition.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../../test/servers/postgres.ts';
import { artefactOf, TestTargets } from './target.fixture.ts';

const ROWS = 20_000;
const VERSIONS = [1, 2, 3, 4];

/** What one query sees of the two tables: rows and versions of each. */
type Sight = readonly (string | null)[];

describePostgres('a reader of tables that are written', () => {
  let server: TestPostgres;
  let database: string;
  const opened: { close(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => Promise.all(opened.map(each => each.close())));

  function newStore(): TestTargets {
    const store = new TestTargets(server, database);
    opened.push(store);
    return store;
  }

  /** A reader that fails when it waits longer than half a second for a lock. */
  async function newReader(): Promise<(sql: string) => Promise<Sight>> {
    const client = new pg.Client({ ...server, database });
    await client.connect();
    opened.push({ close: () => client.end() });
    await client.query("SET lock_timeout = '500ms'");
    return async sql => {
      const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
      return rows[0] ?? [];
    };
  }

  const SEE = `
    SELECT (SELECT count(*) FROM shop.a)::int, (SELECT string_agg(DISTINCT version::text, ',') FROM shop.a),
           (SELECT count(*) FROM shop.b)::int, (SELECT string_agg(DISTINCT version::text, ',') FROM shop.b)`;
  const seen = (version: number): Sight => [ROWS, String(version), ROWS, String(version)] as unknown as Sight;
  const versioned = (version: number, more = '') =>
    artefactOf(
      `SELECT range AS id, ${version} AS version, TIMESTAMP '2020-01-01' + to_seconds(range) AS at ${more} FROM range(${ROWS})`,
    );

  async function writeVersion(
    store: TestTargets,
    version: number,
    modes: readonly WriteMode[],
    more = '',
  ): Promise<void> {
    const artefact = await versioned(version, more);
    const [a = { kind: 'replace' }, b = a] = modes;
    const writes = [
      await store.planned(artefact, { table: 'shop.a', mode: a, node: 'transform.a' }),
      await store.planned(artefact, { table: 'shop.b', mode: b, node: 'transform.b' }),
    ];
    expect(await store.writeAll(writes)).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
  }

  const PERIOD: WriteMode = { kind: 'replace-period', timeColumn: 'at', lookback: 86_400_000 };

  describe.each<readonly [string, readonly WriteMode[]]>([
    ['full and upsert_by_key', [{ kind: 'replace' }, { kind: 'upsert', keys: ['id'] }]],
    ['full and incremental_by_time', [{ kind: 'replace' }, PERIOD]],
  ])('in modes %s', (_, modes) => {
    it('sees both tables complete and at one version, at every moment, and waits for nobody', async () => {
      database = await server.createDatabase();
      const store = newStore();
      await writeVersion(store, 0, modes);
      const read = await newReader();
      const sights: Sight[] = [];
      const writing = { isDone: false };
      const reading = (async () => {
        while (!writing.isDone) sights.push(await read(SEE));
      })();
      for (const version of VERSIONS) await writeVersion(store, version, modes, version > 2 ? ", 'x' AS added" : '');
      writing.isDone = true;
      await reading;
      expect(await read(SEE)).toEqual(seen(4));
      expect(sights.length).toBeGreaterThan(VERSIONS.length);
      const allowed = [0, ...VERSIONS].map(version => JSON.stringify(seen(version)));
      expect(sights.filter(sight => !allowed.includes(JSON.stringify(sight)))).toEqual([]);
    });

    it('keeps what it saw first in REPEATABLE READ', async () => {
      database = await server.createDatabase();
      const store = newStore();
      await writeVersion(store, 0, modes);
      const read = await newReader();
      await read('BEGIN ISOLATION LEVEL REPEATABLE READ');
      expect(await read(SEE)).toEqual(seen(0));
      await writeVersion(store, 1, modes);
      expect(await read(SEE)).toEqual(seen(0));
      await read('COMMIT');
      expect(await read(SEE)).toEqual(seen(1));
    });
  });

  it('sees one of two writes that happen at once', async () => {
    database = await server.createDatabase();
    const first = newStore();
    const second = newStore();
    await writeVersion(first, 0, [{ kind: 'replace' }]);
    const artefacts = await Promise.all([1, 2].map(version => versioned(version)));
    const plans = await Promise.all(
      [first, second].map((store, index) => store.planned(artefacts[index]!, { table: 'shop.a', adopt: true })),
    );
    const outcomes = await Promise.all([first, second].map((store, index) => store.writeAll([plans[index]!])));
    expect(outcomes.flat()).toMatchObject([
      { kind: 'written', rows: ROWS },
      { kind: 'written', rows: ROWS },
    ]);
    const [[count, versions] = []] = await server.rows(
      "SELECT count(*), string_agg(DISTINCT version::text, ',') FROM shop.a",
      database,
    );
    expect([count, ['1', '2'].includes(versions ?? '')]).toEqual([String(ROWS), true]);
  });

  it('sees a new table complete or not at all', async () => {
    database = await server.createDatabase();
    const store = newStore();
    const read = await newReader();
    const sights: Sight[] = [];
    const writing = { isDone: false };
    const reading = (async () => {
      while (!writing.isDone) {
        const [exists] = await read("SELECT to_regclass('shop.a')::text");
        if (exists !== null) sights.push(await read('SELECT count(*)::int FROM shop.a'));
      }
    })();
    await writeVersion(store, 0, [{ kind: 'replace' }]);
    writing.isDone = true;
    await reading;
    expect(sights.filter(([count]) => Number(count) !== ROWS)).toEqual([]);
  });
});
