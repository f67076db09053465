import { redact } from '../../core/parameters/redact.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Connection } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import { quoteName, quoteText } from '../sql-text.ts';
import { findExtension } from './find-extension.ts';

/** A PostgreSQL server to attach. Holds a password: never print or store it. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly sslMode: string;
  readonly sslRootCert: string | null;
  readonly sslCert: string | null;
  readonly sslKey: string | null;
  /** Seconds. */
  readonly connectTimeout: number;
  /** Names all connections of this attachment on the server; default: `seeknal`. */
  readonly applicationName?: string;
}

export interface NamedAttachment {
  /** Name of the attached database in DuckDB, and of its secret. */
  readonly name: string;
  readonly server: PostgresServer;
  /** The server itself then refuses every write. */
  readonly readOnly: boolean;
}

const EXTENSION = 'postgres_scanner';

/** Loads DuckDB's extension. Throws `extension-missing` with the folders that were searched; asks no network. */
export async function loadPostgres(connection: Connection, folders: readonly string[]): Promise<void> {
  const folder = await findExtension(connection, EXTENSION, folders);
  await connection.run(`SET extension_directory = ${quoteText(folder)}`);
  await connection.run(`LOAD ${EXTENSION}`).catch(error => {
    throw new ToolError('extension-unusable', `DuckDB extension ${EXTENSION} in ${folder} cannot be loaded.`, {
      cause: error,
      hint: 'Install it again for this version of DuckDB.',
    });
  });
}

/** Attaches a server by a secret, which stays: ATTACH would repeat the password. Throws `connection-failed`. */
export async function attachPostgres(
  connection: Connection,
  { name, server, readOnly }: NamedAttachment,
): Promise<void> {
  const database = quoteName(name);
  try {
    await connection.run(secretOf(name, server));
    await connection.run(
      `ATTACH '' AS ${database} (TYPE postgres, SECRET ${database}${readOnly ? ', READ_ONLY' : ''})`,
    );
  } catch (error) {
    throw attachFailure(error, server);
  }
}

/** Empty values keep libpq from taking these from its own environment variables. */
function secretOf(name: string, server: PostgresServer): string {
  const values = {
    host: server.host,
    hostaddr: '',
    port: String(server.port),
    database: server.database,
    user: server.user,
    password: server.password ?? '',
    sslmode: server.sslMode,
    sslrootcert: server.sslRootCert ?? '',
    sslcert: server.sslCert ?? '',
    sslkey: server.sslKey ?? '',
    connect_timeout: String(server.connectTimeout),
    application_name: server.applicationName ?? 'seeknal',
    options: '',
  };
  const pairs = Object.entries(values).map(([key, value]) => `${key} ${quoteText(value)}`);
  return `CREATE SECRET ${quoteName(name)} (TYPE postgres, ${pairs.join(', ')})`;
}

function attachFailure(error: unknown, server: PostgresServer): ToolError {
  const words = wordsOf(error, server).replace(/^.*?Unable to connect to Postgres at "[^"]*": /s, '');
  const place = `postgresql://${server.host}:${server.port}/${encodeURIComponent(server.database)}`;
  return new ToolError('connection-failed', `DuckDB cannot connect to ${place}: ${words}.`, {
    hint: 'Run seeknal connection-test to check the connection.',
  });
}

const wordsOf = (error: unknown, server: PostgresServer): string =>
  redact(error instanceof Error ? error.message : String(error), secretsOf(server))
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');

/** An error without the passwords of these servers. */
export function withoutSecret(error: unknown, servers: readonly PostgresServer[]): unknown {
  const secrets = servers.flatMap(secretsOf);
  if (!(error instanceof Error) || error instanceof ToolError || !secrets.some(each => error.message.includes(each)))
    return error;
  const { message } = error;
  return error instanceof EngineFailure
    ? new EngineFailure(redact(error.reason, secrets), error.elsewhere)
    : new Error(redact(message, secrets));
}

/** A password that is a public word, such as the user's name, cannot be hidden. */
const secretsOf = ({ password, host, user, database }: PostgresServer): readonly string[] =>
  password === null || [host, user, database, 'postgres', ''].includes(password) ? [] : [password];
