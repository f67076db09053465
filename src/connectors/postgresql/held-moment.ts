import { PostgresError, type PostgresClient } from './client.ts';

/** A snapshot that is held by a client until the command ends. */
export interface Moment {
  /** For `SET TRANSACTION SNAPSHOT`; null if each reader sees its own moment. */
  readonly snapshot: string | null;
  /** Why there is none, as a sentence; null if there is one. */
  readonly warning: string | null;
}

/** A moment, and how to end it. */
export interface HeldMoment extends Moment {
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 30_000;

/** Holds the present moment of a server in a transaction of this client, which it then owns. */
export async function holdMoment(client: PostgresClient, connection: string): Promise<HeldMoment> {
  try {
    await client.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const [[snapshot = null] = []] = await client.rows('SELECT pg_export_snapshot()');
    const timer = await keepAlive(client);
    const close = (): Promise<void> => (clearInterval(timer), client.close());
    return { snapshot, warning: null, close };
  } catch (error) {
    await client.close();
    if (!(error instanceof PostgresError)) throw error;
    return { snapshot: null, warning: refusal(connection, error), close: () => Promise.resolve() };
  }
}

const refusal = (connection: string, { message }: PostgresError): string =>
  `Connection '${connection}': its sources are read at different moments, because the server shares no snapshot (${message}).`;

/** Servers may end transactions that are idle for some time; a failure shows when the snapshot is used next. */
async function keepAlive(client: PostgresClient): Promise<NodeJS.Timeout> {
  const [[timeout] = []] = await client.rows(
    `SELECT setting FROM pg_catalog.pg_settings WHERE name = 'idle_in_transaction_session_timeout'`,
  );
  const allowed = Number(timeout ?? 0);
  const every = allowed > 0 ? Math.min(KEEP_ALIVE_MS, allowed / 3) : KEEP_ALIVE_MS;
  return setInterval(() => void client.rows('SELECT 1').catch(() => undefined), every).unref();
}
