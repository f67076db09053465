import type { SourceConnector } from '../source-connector.ts';
import type { PostgresServers } from './servers.ts';

/** What the PostgreSQL source connector needs. */
export interface PostgresSurroundings {
  readonly servers: PostgresServers;
}

/** Reads tables, views and queries of PostgreSQL. */
export const postgresSource = (around: PostgresSurroundings): SourceConnector => {
  throw new Error(`not built: ${around.servers.signal.aborted}`);
};
