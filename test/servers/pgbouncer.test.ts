import pg from 'pg';
import { expect, it } from 'vitest';
import { describePgbouncer, startPgbouncer } from './pgbouncer.ts';
import { startPostgres } from './postgres.ts';

describePgbouncer('a pooler for tests', () => {
  it('stands before the server and gives every transaction any connection', async () => {
    const postgres = await startPostgres();
    const pooler = await startPgbouncer(postgres);
    const [first, second] = [client(pooler.port), client(pooler.port)];
    await first.connect();
    await second.connect();
    const backend = async (): Promise<unknown> => (await first.query('SELECT pg_backend_pid() AS pid')).rows;
    const before = await backend();
    await second.query('BEGIN; SELECT 1');
    expect(await backend()).not.toEqual(before);
    await first.end();
    await second.end();
  });
});

function client(port: number): pg.Client {
  return new pg.Client({ host: '127.0.0.1', port, user: 'anyone', database: 'postgres' });
}
