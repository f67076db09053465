import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { TestPostgres } from '../../../test/servers/postgres.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
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

/** The ToolError that a promise rejects with; it contains none of the secrets, in no part. */
export async function toolErrorOf(run: Promise<unknown>, ...secrets: readonly string[]): Promise<ToolError> {
  const error = await run.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ToolError)) throw error;
  const everything = inspect(error, { depth: 20, showHidden: true });
  for (const secret of secrets) expect(everything).not.toContain(secret);
  return error;
}
