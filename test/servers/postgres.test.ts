import { readFileSync } from 'node:fs';
import pg from 'pg';
import { expect, it } from 'vitest';
import { describePostgres, startPostgres, type TestPostgres } from './postgres.ts';

describePostgres('a server for tests', () => {
  it('keeps what was committed when it is killed', async () => {
    const postgres = await startPostgres();
    const database = await postgres.createDatabase();
    await postgres.rows('CREATE TABLE t AS SELECT 1::bigint AS a, NULL AS b', database);
    await postgres.kill();
    await expect(postgres.rows('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await postgres.restart();
    expect(await postgres.rows('TABLE t', database)).toEqual([['1', null]]);
  });
});

describePostgres('TLS of a server for tests', () => {
  it('is trusted for localhost by those who trust its authority', async () => {
    const postgres = await startPostgres({ tls: true, hba: ['hostnossl all reader 127.0.0.1/32 reject'] });
    await postgres.createUser('reader');
    const { ca, unrelatedCa } = postgres.certificates!;
    expect(await connect(postgres, 'localhost', ca)).toBe('connected');
    expect(await connect(postgres, '127.0.0.1', ca)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await connect(postgres, 'localhost', unrelatedCa)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await connect(postgres, 'localhost', null)).toBe('28000');
  });
});

/** Connects as `reader`; without an authority, without TLS. Returns `connected` or the error's code. */
async function connect({ port }: TestPostgres, host: string, authority: string | null): Promise<unknown> {
  const ssl = authority === null ? false : { ca: readFileSync(authority, 'utf8') };
  const client = new pg.Client({ host, port, user: 'reader', database: 'postgres', ssl });
  try {
    await client.connect();
    await client.end();
    return 'connected';
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
}
