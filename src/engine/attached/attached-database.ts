import { redact } from '../../core/parameters/redact.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Connection } from '../duckdb.ts';
import { EngineFailure } from '../engine-failure.ts';
import { type ExecutionSettings, RenewedDatabase } from '../execution/renewed-database.ts';
import { quoteText } from '../sql-text.ts';
import { findExtension } from './find-extension.ts';

/** Name under which the server's database is attached. */
export const ATTACHED = 'server';

const EXTENSION = 'postgres_scanner';

export interface AttachedSettings extends ExecutionSettings {
  /** Folders laid out as DuckDB does, `<version>/<platform>/<name>.duckdb_extension`; the first that has the file is used. */
  readonly extensionFolders: readonly string[];
}

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

export interface Attachment {
  readonly server: PostgresServer;
  /** The server itself then refuses every write. */
  readonly readOnly: boolean;
}

/**
 * A DuckDB instance of its own with one server attached as `server`: a connection that breaks during a write invalidates the
 * whole instance. Loads DuckDB and the extension on first use. After a fatal error the next use opens a new instance.
 * Interrupting DuckDB does not stop a statement that waits for the server: cancel it there too.
 */
export class AttachedDatabase {
  readonly #databases: RenewedDatabase;
  readonly #server: PostgresServer;

  private constructor(databases: RenewedDatabase, server: PostgresServer) {
    this.#databases = databases;
    this.#server = server;
  }

  /** Throws `extension-missing` with the folders that were searched; asks no network. */
  static async open(settings: AttachedSettings, attachment: Attachment): Promise<AttachedDatabase> {
    const databases = await RenewedDatabase.open(settings, {
      options: OFFLINE,
      prepare: connection => attach(connection, attachment, settings.extensionFolders),
    });
    return new AttachedDatabase(databases, attachment.server);
  }

  /** Runs `work` with a connection of its own. Throws `EngineFailure` on a fatal error of DuckDB. */
  async connected<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#databases.connected(work, { once: true });
    } catch (error) {
      throw withoutSecret(error, this.#server);
    }
  }

  async close(): Promise<void> {
    await this.#databases.close();
  }
}

const OFFLINE = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_persistent_secrets: 'false',
};

async function attach(
  connection: Connection,
  { server, readOnly }: Attachment,
  folders: readonly string[],
): Promise<void> {
  const folder = await findExtension(connection, EXTENSION, folders);
  await connection.run(`SET extension_directory = ${quoteText(folder)}`);
  await connection.run(`LOAD ${EXTENSION}`).catch(error => {
    throw new ToolError('extension-unusable', `DuckDB extension ${EXTENSION} in ${folder} cannot be loaded.`, {
      cause: error,
      hint: 'Install it again for this version of DuckDB.',
    });
  });
  // Its pool resets connections by DISCARD ALL, and behind a pooler this removes the name by which we cancel.
  await connection.run('SET pg_pool_max_connections = 0');
  try {
    await connection.run(secretOf(server));
    await connection.run(
      `ATTACH '' AS ${ATTACHED} (TYPE postgres, SECRET ${ATTACHED}${readOnly ? ', READ_ONLY' : ''})`,
    );
  } catch (error) {
    throw attachFailure(error, server);
  }
}

/** Empty values keep libpq from taking these from its own environment variables. */
function secretOf(server: PostgresServer): string {
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
  return `CREATE SECRET ${ATTACHED} (TYPE postgres, ${pairs.join(', ')})`;
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

function withoutSecret(error: unknown, server: PostgresServer): unknown {
  const secrets = secretsOf(server);
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
