import type { PostgresServers } from '../servers.ts';
import type { PostgresSettings } from '../settings.ts';

/** A session that holds a lock. */
export interface Holder {
  /** Process id on the server. */
  readonly process: string;
  readonly user: string;
  readonly application: string;
}

const BLOCKING = `
  SELECT a.pid, a.usename, a.application_name FROM unnest(pg_blocking_pids($1::int)) AS b(pid)
  JOIN pg_stat_activity a ON a.pid = b.pid ORDER BY a.pid`;

interface Watched {
  readonly servers: PostgresServers;
  readonly settings: PostgresSettings;
}

/** Adds to `holders` the sessions that make a backend wait, until the returned function is called: the server does not tell afterwards. */
export function watchHolders({ servers, settings }: Watched, backend: string, holders: Holder[]): () => void {
  const look = async (): Promise<void> => {
    const client = await servers.shared(settings);
    const rows = await client.rows(BLOCKING, [backend]);
    const found = rows.map(([pid, user, application]) => ({
      ...{ process: pid ?? '', user: user ?? '', application: application ?? '' },
    }));
    if (found.length > 0) holders.splice(0, holders.length, ...found);
  };
  // A look that fails says nothing about the wait itself.
  const timer = setInterval(() => void look().catch(() => undefined), Math.max(50, settings.lockTimeout * 300));
  return () => clearInterval(timer);
}
