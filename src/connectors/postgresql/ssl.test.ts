import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { Certificates } from '../../../test/servers/certificates.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import {
  connectionFailureOf as failure,
  ENCRYPTED,
  PLAIN,
  protocolsOf,
  settingsOf,
} from './connection-case.testing.ts';
import type { PostgresSettings } from './settings.ts';

const HBA = [
  'hostnossl all tls_only 127.0.0.1/32 reject',
  'hostssl all plain_only 127.0.0.1/32 reject',
  'hostssl all certified 127.0.0.1/32 cert',
];

describePostgres('a connection to a server with TLS', () => {
  let postgres: TestPostgres;
  const to = (more: Partial<PostgresSettings>) => settingsOf(postgres, { host: 'localhost', ...more });
  const endpoint = () => `Connection 'pg' to postgresql://localhost:${postgres.port}/postgres: `;
  let certificates: Certificates;

  beforeAll(async () => {
    postgres = await startPostgres({ tls: true, hba: HBA });
    if (postgres.certificates === null) throw new Error('the server has no certificates');
    ({ certificates } = postgres);
    for (const user of ['tls_only', 'plain_only', 'certified']) await postgres.createUser(user);
  });

  it.each([
    ['disable', 'postgres', PLAIN],
    ['disable', 'plain_only', PLAIN],
    ['allow', 'postgres', PLAIN],
    ['allow', 'tls_only', ENCRYPTED],
    ['allow', 'plain_only', PLAIN],
    ['prefer', 'postgres', ENCRYPTED],
    ['prefer', 'tls_only', ENCRYPTED],
    ['prefer', 'plain_only', PLAIN],
    ['require', 'tls_only', ENCRYPTED],
  ] as const)('sslmode %s of user %s is as encrypted as libpq makes it', async (sslMode, user, protocols) => {
    expect(await protocolsOf(to({ sslMode, user }))).toEqual(protocols);
  });

  it.each([
    ['require', 'localhost', 'none', 'connected'],
    ['require', '127.0.0.1', 'right', 'connected'],
    ['require', 'localhost', 'wrong', 'connection-certificate'],
    ['verify-ca', 'localhost', 'right', 'connected'],
    ['verify-ca', '127.0.0.1', 'right', 'connected'],
    ['verify-ca', 'localhost', 'wrong', 'connection-certificate'],
    ['verify-full', 'localhost', 'right', 'connected'],
    ['verify-full', '127.0.0.1', 'right', 'connection-certificate-host'],
    ['verify-full', 'localhost', 'wrong', 'connection-certificate'],
    ['verify-full', 'localhost', 'system', 'connection-certificate'],
  ] as const)('sslmode %s to %s with %s root certificate: %s', async (sslMode, host, root, outcome) => {
    const roots = { none: null, right: certificates.ca, wrong: certificates.unrelatedCa, system: 'system' };
    const settings = to({ sslMode, host, sslRootCert: roots[root] });
    if (outcome === 'connected') expect(await protocolsOf(settings)).toEqual(ENCRYPTED);
    else expect((await failure(settings))[0]).toBe(outcome);
  });

  it('falls back to no encryption with sslmode prefer if the certificate is not trusted, as libpq does', async () => {
    expect(await protocolsOf(to({ sslMode: 'prefer', sslRootCert: certificates.unrelatedCa }))).toEqual(PLAIN);
    expect((await failure(to({ sslMode: 'prefer', user: 'tls_only', sslRootCert: certificates.unrelatedCa })))[0]).toBe(
      'connection-certificate',
    );
  });

  it('proves who it is with a certificate', async () => {
    const { certificate, key } = clientCertificate(certificates, 'certified');
    await postgres.rows(`ALTER SYSTEM SET ssl_ca_file = '${certificates.ca}'`);
    await postgres.restart();
    const settings = to({ sslMode: 'require', user: 'certified', sslCert: certificate, sslKey: key });
    expect(await protocolsOf(settings)).toEqual(ENCRYPTED);
    expect((await failure(to({ user: 'certified', sslMode: 'require' })))[0]).toBe('connection-rejected');
    expect(await failure({ ...settings, sslKey: '/nowhere/x.key' })).toEqual([
      'connection-certificate-file',
      "Connection 'pg': cannot read sslkey /nowhere/x.key.",
      'Relative paths start at the project root. Check the path and its permissions.',
    ]);
    chmodSync(key, 0o644);
    expect(await failure(settings)).toEqual([
      'connection-certificate-file',
      `Connection 'pg': others may use sslkey ${key}.`,
      `Run chmod 600 ${key}.`,
    ]);
    copyFileSync(certificates.ca, key);
    chmodSync(key, 0o600);
    expect((await failure(settings))[0]).toBe('connection-tls');
  });

  it('says that the certificate is not trusted', async () => {
    const sslRootCert = certificates.unrelatedCa;
    expect(await failure(to({ sslMode: 'verify-full', sslRootCert }))).toEqual([
      'connection-certificate',
      `${endpoint()}the server's certificate is not trusted (self-signed certificate in certificate chain).`,
      `Set sslrootcert to the certificate authority that signed it; ${sslRootCert} does not contain it.`,
    ]);
  });

  it('says that the certificate is for another host', async () => {
    expect(await failure(to({ sslMode: 'verify-full', host: '127.0.0.1', sslRootCert: certificates.ca }))).toEqual([
      'connection-certificate-host',
      `${endpoint().replace('localhost', '127.0.0.1')}the server's certificate is not valid for host '127.0.0.1'.`,
      "Set 'host' to a name in the certificate, or sslmode: verify-ca to accept any name.",
    ]);
  });

  it('says that the server requires TLS', async () => {
    expect(await failure(to({ sslMode: 'disable', user: 'tls_only' }))).toEqual([
      'connection-tls-required',
      `${endpoint()}the server accepts no unencrypted connection of user 'tls_only'.`,
      'Set sslmode: require, or verify-full with sslrootcert.',
    ]);
  });
});

describePostgres('a connection to a server without TLS', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });

  it.each(['disable', 'allow', 'prefer'] as const)('is made with sslmode %s', async sslMode => {
    expect(await protocolsOf(settingsOf(postgres, { sslMode }))).toEqual(PLAIN);
  });

  it.each(['require', 'verify-full'] as const)('is refused with sslmode %s', async sslMode => {
    expect(await failure(settingsOf(postgres, { sslMode }))).toEqual([
      'connection-tls-refused',
      `Connection 'pg' to postgresql://127.0.0.1:${postgres.port}/postgres: the server offers no TLS, but sslmode is ${sslMode}.`,
      'Turn on TLS on the server, or set sslmode: prefer if an unencrypted connection is acceptable.',
    ]);
  });

  it('reports the reason of the server, not that it offers no TLS', async () => {
    expect((await failure(settingsOf(postgres, { database: 'nope' })))[0]).toBe('connection-database');
  });
});

/** A certificate that the server's authority signed for a user. */
function clientCertificate({ ca }: Certificates, user: string): { readonly certificate: string; readonly key: string } {
  const cwd = dirname(ca);
  const openssl = (...args: readonly string[]): unknown => execFileSync('openssl', args, { cwd, stdio: 'pipe' });
  openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${user}`,
    '-keyout',
    'client.key',
    '-out',
    'client.csr',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'client.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'client.crt',
  );
  return { certificate: `${cwd}/client.crt`, key: `${cwd}/client.key` };
}
