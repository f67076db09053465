import type { Connection } from '../duckdb.ts';
import type { ExecutionSettings } from '../execution/renewed-database.ts';

/** Name under which the server's database is attached. */
export const ATTACHED = 'server';

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
}

export interface Attachment {
  readonly server: PostgresServer;
  /** The server itself then refuses every write. */
  readonly readOnly: boolean;
}

/**
 * A DuckDB instance of its own with one server attached as `server`: a connection that breaks during a write invalidates the
 * whole instance. Loads DuckDB and the extension on first use. After a fatal error the next use opens a new instance.
 */
export class AttachedDatabase {
  /** Throws `extension-missing` with the folders that were searched; asks no network. */
  static async open(settings: AttachedSettings, attachment: Attachment): Promise<AttachedDatabase> {
    throw new Error(`not built: ${settings.temporaryDirectory} ${attachment.readOnly}`);
  }

  /** Runs `work` with a connection of its own. Throws `EngineFailure` on a fatal error of DuckDB. */
  async connected<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    throw new Error(`not built: ${typeof work}`);
  }

  close(): void {
    throw new Error('not built');
  }
}
