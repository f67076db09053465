import { setTimeout as wait } from 'node:timers/promises';
import { connect } from './client.ts';
import type { PostgresSettings } from './settings.ts';

const EVERY_MS = 250;
const AT_MOST = 20;

const CANCEL = `
  SELECT pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
  WHERE application_name = $1 AND state = 'active' AND pid <> pg_backend_pid()`;

/**
 * Cancels what all connections with this application name run, through a connection of its own, until `ended` or some
 * seconds have passed. Interrupting DuckDB does not do this: it waits for the server. Never throws.
 */
export async function cancelStatements(
  settings: PostgresSettings,
  applicationName: string,
  ended: AbortSignal,
): Promise<void> {
  try {
    const client = await connect(settings, ended);
    try {
      for (let tries = 0; tries < AT_MOST; tries += 1) {
        await client.rows(CANCEL, [applicationName]);
        await wait(EVERY_MS, undefined, { signal: ended, ref: false });
      }
    } finally {
      await client.close();
    }
  } catch {
    // Either all has ended, or the server cannot be reached and has lost the connections too.
  }
}
