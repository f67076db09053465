import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of certificates in PEM, and of the server's key. */
export interface Certificates {
  /** The authority that signed the server's certificate. */
  readonly ca: string;
  /** An authority that did not sign it, for tests of "not trusted". */
  readonly unrelatedCa: string;
  /** For the host `localhost` only: `127.0.0.1` does not match. */
  readonly certificate: string;
  readonly key: string;
}

const CONFIGURATION = `
[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
`;
const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'];

/** Makes two authorities and a certificate for `localhost` in a folder; needs openssl. */
export function makeCertificates(folder: string): Certificates {
  writeFileSync(join(folder, 'openssl.cnf'), CONFIGURATION);
  const ca = makeAuthority(folder, 'ca');
  const unrelatedCa = makeAuthority(folder, 'unrelated-ca');
  const request = ['req', '-new', ...NEW_KEY, '-config', 'openssl.cnf', '-keyout', 'server.key', '-out', 'server.csr'];
  openssl(folder, request);
  const sign = ['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl(folder, [...sign, '-days', '30', '-extfile', 'openssl.cnf', '-extensions', 'server', '-out', 'server.crt']);
  return { ca, unrelatedCa, certificate: join(folder, 'server.crt'), key: join(folder, 'server.key') };
}

function makeAuthority(folder: string, name: string): string {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=Seeknal test ${name}`];
  openssl(folder, [
    'req',
    '-x509',
    ...NEW_KEY,
    '-days',
    '30',
    '-config',
    'openssl.cnf',
    '-extensions',
    'authority',
    ...files,
  ]);
  return join(folder, `${name}.crt`);
}

function openssl(folder: string, args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}
