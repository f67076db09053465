import type { TargetConnector } from '../target-connector.ts';
import type { PostgresServers } from './servers.ts';

/** Writes tables of PostgreSQL. */
export const postgresTarget = (around: { readonly servers: PostgresServers }): TargetConnector => {
  throw new Error(`not built: ${around.servers.signal.aborted}`);
};
