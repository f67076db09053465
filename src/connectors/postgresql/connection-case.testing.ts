import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { TestPostgres } from '../../../test/servers/postgres.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { connect } from './client.ts';
import type { PostgresSettings } from './settings.ts';

/** Settings of a connection to a test server as its superuser, changed as given. */
export const settingsOf = (
  { host, port, user }: TestPostgres,
  more: Partial<PostgresSettings> = {},
): PostgresSettings => ({
  name: 'pg',
  ...{ host, port, user },
  database: 'postgres',
  password: null,
  schema: 'public',
  sslMode: 'prefer',
  sslRootCert: null,
  sslCert: null,
  sslKey: null,
  connectTimeout: 20,
  lockTimeout: 5,
  ...more,
});

/** The ToolError that a promise rejects with; no part of it contains the tests' passwords. */
export async function toolErrorOf(run: Promise<unknown>): Promise<ToolError> {
  const error = await run.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ToolError)) throw error;
  // Only a part that looks the same in quotes.
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cret');
  return error;
}

/** A password that is hard to quote. */
export const SECRET = `s3cret's "pass" \\ word`;

/** Code, message and hint of a connection that cannot be made; no part of the error contains `SECRET`. */
export async function connectionFailureOf(settings: PostgresSettings): Promise<readonly (string | null)[]> {
  const error = await toolErrorOf(connect(settings, new AbortController().signal));
  expect(error.exitCode).toBe(1);
  return [error.code, error.message, error.hint];
}

/** Connects and returns the protocol of the encryption as the client and as the server see it. */
export async function protocolsOf(settings: PostgresSettings): Promise<readonly (string | null)[]> {
  const client = await connect(settings, new AbortController().signal);
  try {
    const [[seen = null] = []] = await client.rows('SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(client.tls).toBe(client.tlsProtocol !== null);
    return [client.tlsProtocol, seen];
  } finally {
    await client.close();
  }
}

/** What `protocolsOf` returns without and with encryption. */
export const PLAIN = [null, null];
export const ENCRYPTED = ['TLSv1.3', 'TLSv1.3'];

/** Waits until another connection runs a statement that contains this text. */
export async function running(postgres: TestPostgres, text: string): Promise<void> {
  const question = `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%${text}%'`;
  while ((await postgres.rows(question))[0]?.[0] !== '1');
}
