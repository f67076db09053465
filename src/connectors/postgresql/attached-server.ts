import { randomBytes } from 'node:crypto';
import type { PostgresServer } from '../../engine/attached/attach-postgres.ts';
import type { PostgresSettings } from './settings.ts';
import { systemBundle } from './ssl.ts';

/** A server for DuckDB to attach. Its name on the server is unique, so that only these connections are cancelled. */
export const attachedServer = (settings: PostgresSettings): PostgresServer & { readonly applicationName: string } => ({
  ...settings,
  sslRootCert: settings.sslRootCert === 'system' ? (systemBundle() ?? 'system') : settings.sslRootCert,
  applicationName: `seeknal ${randomBytes(6).toString('hex')}`,
});
