import type { Connection } from '../../core/connection.ts';

/** Values of `sslmode`, as libpq defines them. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** A checked connection to a PostgreSQL database. Holds a password: never print or store it. */
export interface PostgresSettings {
  /** The connection's name, for messages. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  /** Where tables without a schema are. */
  readonly schema: string;
  readonly sslMode: SslMode;
  /** Absolute paths, or `system` for the root certificates of the system; null if not given. */
  readonly sslRootCert: string | null;
  readonly sslCert: string | null;
  readonly sslKey: string | null;
  /** Seconds. */
  readonly connectTimeout: number;
  /** Seconds. */
  readonly lockTimeout: number;
}

export interface SettingsPlaces {
  /** The project's root, absolute; relative paths of certificates start there. */
  readonly root: string;
  /** The user's home directory, absolute. */
  readonly home: string;
}

/** Checks the settings of a connection. Throws `bad-connection`; messages contain no values, which may be secret. */
export function postgresSettings(connection: Connection, places: SettingsPlaces): PostgresSettings {
  throw new Error(`not built: ${connection.name} ${places.root}`);
}

/** Server and database, without secrets: `postgresql://host:port/database`. */
export const endpointOf = ({ host, port, database }: PostgresSettings): string =>
  `postgresql://${host}:${port}/${encodeURIComponent(database)}`;
