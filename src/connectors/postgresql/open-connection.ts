import type { Client } from 'pg';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { connectionError, isServerError } from './connection-error.ts';
import type { FailedAttempt } from './connection-problem.ts';
import type { PostgresSettings } from './settings.ts';
import { attemptsOf, type Encryption, tlsOptions } from './ssl.ts';

/**
 * Connects as libpq does with the same `sslmode`, within `connectTimeout`. Throws a ToolError that tells the causes apart.
 * One thing differs: a wrong password is not sent again without encryption.
 */
export async function openConnection(settings: PostgresSettings, signal: AbortSignal): Promise<Client> {
  const deadline = Date.now() + settings.connectTimeout * 1000;
  const failed: FailedAttempt[] = [];
  for (const encryption of attemptsOf(settings)) {
    try {
      return await attempt({ settings, encryption, deadline, signal });
    } catch (error) {
      if (signal.aborted) throw interrupted();
      failed.push({ settings, encryption, error });
      if (!mayTryAgain(encryption, error)) break;
    }
  }
  throw connectionError(mostTelling(failed));
}

/** The error of a command that the user interrupted. */
export const interrupted = (): ToolError => new ToolError('interrupted', 'Interrupted.', { exitCode: 130 });

/** Another encryption helps if the server rejected this one, or if TLS itself failed. */
function mayTryAgain(encryption: Encryption, error: unknown): boolean {
  if (isServerError(error)) return error.code === REJECTED;
  return encryption === 'tls' && !(error instanceof ToolError) && !isOfNetwork(error);
}

const REJECTED = '28000';

const isOfNetwork = (error: unknown): boolean =>
  error instanceof AggregateError ||
  (error instanceof Error && (error.message === TIMEOUT || ('syscall' in error && error.syscall !== 'read')));

/** The first failure that is more than a missing entry for this kind of encryption. */
function mostTelling(failed: readonly FailedAttempt[]): FailedAttempt {
  const isAboutEncryption = ({ error }: FailedAttempt): boolean =>
    isServerError(error) ? /pg_hba\.conf/.test(error.message) : /does not support SSL/.test(String(error));
  const [first] = failed;
  const found = failed.find(attempt => !isAboutEncryption(attempt)) ?? first;
  if (found === undefined) throw new Error('no attempt was made');
  return found;
}

interface Attempt {
  readonly settings: PostgresSettings;
  readonly encryption: Encryption;
  /** In milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

const TIMEOUT = 'timeout expired';

async function attempt({ settings, encryption, deadline, signal }: Attempt): Promise<Client> {
  const client = await newClient(settings, encryption);
  if (signal.aborted) throw interrupted();
  const stop = (reason: string) => (): void => void client.connection.stream.destroy(new Error(reason));
  const timer = setTimeout(stop(TIMEOUT), Math.max(1, deadline - Date.now()));
  const abort = stop('interrupted');
  signal.addEventListener('abort', abort);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** Gives every setting that the driver would otherwise take from variables such as PGSSLMODE. Values stay text. */
async function newClient(settings: PostgresSettings, encryption: Encryption): Promise<Client> {
  const { Client: PgClient } = await import('pg');
  const { host, port, database, user, password } = settings;
  const client = new PgClient({
    ...{ host, port, database, user },
    // A function, because the driver would look for another password if this one is empty.
    password: () => password ?? '',
    ssl: encryption === 'tls' ? tlsOptions(settings) : false,
    sslnegotiation: 'postgres',
    // The only parameter at start-up: poolers refuse others.
    application_name: 'seeknal',
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types: { getTypeParser: () => (value: string | Buffer) => value },
  });
  // Without a listener an error between two statements would end the process.
  client.on('error', () => undefined);
  return client;
}
