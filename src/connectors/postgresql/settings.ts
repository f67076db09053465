import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '../../core/connection.ts';
import { SERVER_SETTINGS } from '../../core/definition/options/reader-options.ts';
import type { Json } from '../../core/json.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { parsePostgresUrl } from './settings-url.ts';

/** Values of `sslmode`, as libpq defines them. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** A checked connection to a PostgreSQL database. Holds a password: never print or store it. */
export interface PostgresSettings {
  /** The connection's name, for messages. */
  readonly name: string;
  /** A host name, an IP address without brackets, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  /** Where tables without a schema are. */
  readonly schema: string;
  readonly sslMode: SslMode;
  /** Absolute paths, or `system` for the root certificates of the system; null if there is none. */
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

const URL_KEYS = [...SERVER_SETTINGS, 'lock_timeout'];

/** Keys of a connection in a profile, besides `type`. */
export const POSTGRES_KEYS: readonly string[] = [...URL_KEYS, 'url', 'password_command'];

/** Names that other tools use for our keys. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  dbname: 'database',
  db: 'database',
  username: 'user',
  hostname: 'host',
  ssl: 'sslmode',
};

type Given = Readonly<Record<string, string>>;
type Refuse = (mistake: string, hint?: string) => ToolError;

/** Checks the settings of a connection. Throws `bad-connection`; messages contain no values, which may be secret. */
export function postgresSettings(connection: Connection, places: SettingsPlaces): PostgresSettings {
  const refuse: Refuse = (mistake, hint) =>
    new ToolError('bad-connection', `Connection '${connection.name}': ${mistake}.`, hint === undefined ? {} : { hint });
  const given = givenSettings(connection, refuse);
  return {
    name: connection.name,
    host: host(given['host'] ?? 'localhost', refuse),
    port: wholeNumber(given, { key: 'port', otherwise: 5432, most: 65_535 }, refuse),
    database: required(given, 'database', refuse),
    user: required(given, 'user', refuse),
    password: given['password'] ?? null,
    schema: given['schema'] ?? 'public',
    ...certificates(given, places, refuse),
    connectTimeout: wholeNumber(given, { key: 'connect_timeout', otherwise: 10, most: 86_400 }, refuse),
    lockTimeout: wholeNumber(given, { key: 'lock_timeout', otherwise: 5, most: 86_400 }, refuse),
  };
}

/** Server and database, without secrets: `postgresql://host:port/database`. */
export const endpointOf = ({ host, port, database }: PostgresSettings): string =>
  `postgresql://${/[:/]/.test(host) ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`;

/** All settings as text; explicit keys override the url's. Empty values count as not given. */
function givenSettings({ settings }: Connection, refuse: Refuse): Given {
  const { url, ...own } = asText(settings, refuse);
  refuseUnknown(Object.keys(own), 'key', refuse);
  if (url === undefined) return own;
  const parsed = parsePostgresUrl(url);
  if (parsed.settings === null) throw refuse(parsed.mistake);
  refuseUnknown(Object.keys(parsed.settings), 'query parameter of url', refuse);
  return { ...parsed.settings, ...own };
}

function asText(settings: Connection['settings'], refuse: Refuse): Given {
  const text = (key: string, value: Json | undefined): string => {
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw refuse(`${key} must be text`);
  };
  const given = Object.entries(settings).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(given.map(([key, value]) => [key, text(key, value)]));
}

function refuseUnknown(keys: readonly string[], what: string, refuse: Refuse): void {
  const unknown = keys.find(key => !URL_KEYS.includes(key));
  if (unknown === undefined) return;
  const meant = OTHER_NAMES[unknown.toLowerCase()];
  const hint = meant === undefined ? didYouMean(unknown, POSTGRES_KEYS) : `Did you mean '${meant}'?`;
  throw refuse(`unknown ${what}: ${unknown}`, hint ?? `Use ${POSTGRES_KEYS.join(', ')}.`);
}

function host(value: string, refuse: Refuse): string {
  if (/^[^\s'"\\;=@?#,]+$/.test(value)) return value;
  throw refuse('host must be one host name or IP address');
}

function required(given: Given, key: string, refuse: Refuse): string {
  const value = given[key];
  if (value === undefined) throw refuse(`it needs a '${key}'`, `Add '${key}' to the connection, or to its url.`);
  return value;
}

interface NumberRule {
  readonly key: string;
  readonly otherwise: number;
  readonly most: number;
}

function wholeNumber(given: Given, { key, otherwise, most }: NumberRule, refuse: Refuse): number {
  const value = given[key];
  if (value === undefined) return otherwise;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= most) return number;
  throw refuse(`${key} must be a whole number from 1 to ${most}`);
}

type Certificates = Pick<PostgresSettings, 'sslMode' | 'sslRootCert' | 'sslCert' | 'sslKey'>;

/** The TLS settings; without paths, files in `~/.postgresql` are used as libpq does. */
function certificates(given: Given, { root, home }: SettingsPlaces, refuse: Refuse): Certificates {
  const sslMode = SSL_MODES.find(mode => mode === (given['sslmode'] ?? 'prefer'));
  if (sslMode === undefined) throw refuse(`sslmode must be one of ${SSL_MODES.join(', ')}`);
  const file = (key: string, usual: string): string | null => {
    const path = given[key];
    if (path === undefined) return existing(join(home, '.postgresql', usual));
    return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(root, path);
  };
  const isSystem = given['sslrootcert'] === 'system';
  const sslRootCert = isSystem ? 'system' : file('sslrootcert', 'root.crt');
  if (isSystem && sslMode !== 'verify-full') throw refuse('sslrootcert: system needs sslmode: verify-full');
  if (sslMode.startsWith('verify') && sslRootCert === null) throw noRootCertificate(sslMode, refuse);
  const sslCert = file('sslcert', 'postgresql.crt');
  return { sslMode, sslRootCert, sslCert, sslKey: sslCert === null ? null : file('sslkey', 'postgresql.key') };
}

const noRootCertificate = (mode: SslMode, refuse: Refuse): ToolError =>
  refuse(
    `sslmode: ${mode} needs a root certificate, and ~/.postgresql/root.crt does not exist`,
    "Set sslrootcert to the file of the certificate authority, or to 'system' with sslmode: verify-full.",
  );

const existing = (path: string): string | null => (existsSync(path) ? path : null);
