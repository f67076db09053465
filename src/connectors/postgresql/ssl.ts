import { existsSync, readFileSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { PostgresSettings } from './settings.ts';

/** How one attempt to connect is made. */
export type Encryption = 'plain' | 'tls';

/** The attempts of each `sslmode` in order, as libpq makes them. Unix sockets are never encrypted. */
export function attemptsOf({ host, sslMode }: PostgresSettings): readonly Encryption[] {
  if (host.startsWith('/') || sslMode === 'disable') return ['plain'];
  if (sslMode === 'allow') return ['plain', 'tls'];
  return sslMode === 'prefer' ? ['tls', 'plain'] : ['tls'];
}

/**
 * What TLS checks, as libpq does: the chain if there is a root certificate, and the host name only with `verify-full`.
 * Throws `connection-certificate-file` if a file cannot be used.
 */
export function tlsOptions(settings: PostgresSettings): ConnectionOptions {
  const { sslMode, sslCert, sslKey } = settings;
  const root = rootCertificates(settings);
  return {
    rejectUnauthorized: root !== null,
    ...(root?.file === undefined ? {} : { ca: readFile(settings, 'sslrootcert', root.file) }),
    ...(sslMode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(sslCert === null ? {} : { cert: readFile(settings, 'sslcert', sslCert) }),
    ...(sslKey === null ? {} : { key: readKey(settings, sslKey) }),
  };
}

const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The file of the system's root certificates; null if none of the usual places has one. */
export const systemBundle = (): string | null => SYSTEM_BUNDLES.find(path => existsSync(path)) ?? null;

/** null: the server's certificate is not checked. Without a file, Node's own root certificates are used. */
function rootCertificates({ sslRootCert }: PostgresSettings): { readonly file?: string } | null {
  if (sslRootCert === null) return null;
  if (sslRootCert !== 'system') return { file: sslRootCert };
  const bundle = systemBundle();
  return bundle === null ? {} : { file: bundle };
}

const OTHERS_MAY_USE = 0o077;
const OTHERS_MAY_USE_ROOTS = 0o037;

/** libpq, and so DuckDB, refuses a key that others may read. */
function readKey(settings: PostgresSettings, path: string): Buffer {
  const key = readFile(settings, 'sslkey', path);
  const { uid, mode } = statSync(path);
  // Windows has no such modes.
  const isOpen = sep === '/' && (mode & (uid === 0 ? OTHERS_MAY_USE_ROOTS : OTHERS_MAY_USE)) !== 0;
  if (!isOpen) return key;
  throw new ToolError('connection-certificate-file', `Connection '${settings.name}': others may use sslkey ${path}.`, {
    hint: `Run chmod 600 ${path}.`,
  });
}

function readFile({ name }: PostgresSettings, key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ToolError('connection-certificate-file', `Connection '${name}': cannot read ${key} ${path}.`, {
      cause,
      hint: 'Relative paths start at the project root. Check the path and its permissions.',
    });
  }
}
