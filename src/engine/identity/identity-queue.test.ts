import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, Database } from '../duckdb.ts';
import { placeOfFile } from '../scan.ts';
import { IdentityQueue } from './identity-queue.ts';
import { identitiesOf } from './content-identity.ts';

const columns = [{ name: 'id', type: 'BIGINT' }];
let folder: string;
let database: Database;
let connection: Connection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seeknal-queue-'));
  database = await Database.open();
  connection = await database.connect();
  for (const rows of [1, 2, 3]) {
    await connection.run(
      `COPY (FROM range(${rows}) AS r(id)) TO '${join(folder, `${rows}.parquet`)}' (FORMAT parquet)`,
    );
  }
});
afterAll(() => {
  connection.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => ({ place: placeOfFile(join(folder, `${name}.parquet`)), columns });

/** A queue, and how often it queried DuckDB. */
function countedQueue() {
  const turns = { count: 0 };
  const queue = new IdentityQueue(async work => {
    turns.count += 1;
    return work(connection);
  });
  return { queue, turns };
}

describe('IdentityQueue', () => {
  it('reads all waiting places in one statement when flushed', async () => {
    const { queue, turns } = countedQueue();
    const asked = ['1', '2', '3'].map(name => queue.identityOf(file(name)));
    queue.flush();
    expect(await Promise.all(asked)).toEqual(await identitiesOf(connection, ['1', '2', '3'].map(file)));
    expect(turns.count).toBe(1);
  });

  it('stops waiting for others after a short time', async () => {
    const { queue } = countedQueue();
    expect((await queue.identityOf(file('2'))).rows).toBe(2);
  });

  it('rejects only the request whose file cannot be read', async () => {
    writeFileSync(join(folder, 'broken.parquet'), 'no parquet');
    const { queue } = countedQueue();
    const asked = ['1', 'broken', '3'].map(name =>
      queue.identityOf(file(name)).then(
        found => found.rows,
        () => 'refused',
      ),
    );
    queue.flush();
    expect(await Promise.all(asked)).toEqual([1, 'refused', 3]);
  });
});
