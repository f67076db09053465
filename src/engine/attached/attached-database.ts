import type { Connection } from '../duckdb.ts';
import { type ExecutionSettings, RenewedDatabase } from '../execution/renewed-database.ts';
import { attachPostgres, loadPostgres, type PostgresServer, withoutSecret } from './attach-postgres.ts';

/** Name under which the server's database is attached. */
export const ATTACHED = 'server';

export interface AttachedSettings extends ExecutionSettings {
  /** Folders laid out as DuckDB does, `<version>/<platform>/<name>.duckdb_extension`; the first that has the file is used. */
  readonly extensionFolders: readonly string[];
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
      prepare: async connection => {
        await loadPostgres(connection, settings.extensionFolders);
        // Its pool resets connections by DISCARD ALL, and behind a pooler this removes the name by which we cancel.
        await connection.run('SET pg_pool_max_connections = 0');
        await attachPostgres(connection, { ...attachment, name: ATTACHED });
      },
    });
    return new AttachedDatabase(databases, attachment.server);
  }

  /** Runs `work` with a connection of its own. Throws `EngineFailure` on a fatal error of DuckDB. */
  async connected<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#databases.connected(work, { once: true });
    } catch (error) {
      throw withoutSecret(error, [this.#server]);
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
