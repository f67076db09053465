import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { endpointOf, postgresSettings } from './settings.ts';

let home = '';
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'seeknal-home-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

type Given = Readonly<Record<string, Json>>;
const REQUIRED = { database: 'shop', user: 'app' };
const exactly = (settings: Given) =>
  postgresSettings({ name: 'pg', type: 'postgres', settings }, { root: '/project', home });
const check = (settings: Given) => exactly({ ...REQUIRED, ...settings });
const fromUrl = (url: string, more: Given = {}) => exactly({ url, ...more });

const DEFAULTS = {
  name: 'pg',
  host: 'localhost',
  port: 5432,
  database: 'shop',
  user: 'app',
  password: null,
  schema: 'public',
  sslMode: 'prefer',
  sslRootCert: null,
  sslCert: null,
  sslKey: null,
  connectTimeout: 10,
  lockTimeout: 5,
};

function refusal(work: () => unknown): readonly unknown[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ToolError && error.code === 'bad-connection') return [error.message, error.hint];
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the settings of a connection', () => {
  it('have defaults', () => {
    expect(check({})).toEqual(DEFAULTS);
  });

  it('are all read', () => {
    const given = {
      host: '::1',
      port: '6000',
      password: 'p@ss',
      schema: 'sales',
      sslmode: 'verify-ca',
      sslrootcert: 'certs/root.crt',
      sslcert: '~/client.crt',
      sslkey: '/etc/client.key',
      connect_timeout: 3,
      lock_timeout: '7',
    };
    expect(check(given)).toEqual({
      ...DEFAULTS,
      host: '::1',
      port: 6000,
      password: 'p@ss',
      schema: 'sales',
      sslMode: 'verify-ca',
      sslRootCert: '/project/certs/root.crt',
      sslCert: join(home, 'client.crt'),
      sslKey: '/etc/client.key',
      connectTimeout: 3,
      lockTimeout: 7,
    });
  });

  it('count as not given if they are empty', () => {
    expect(check({ host: '', port: '', password: '', schema: null, sslmode: '', sslrootcert: '' })).toEqual(DEFAULTS);
  });

  it('may be numbers where text is meant', () => {
    expect(check({ password: 1234, user: 7 })).toMatchObject({ password: '1234', user: '7' });
  });

  it.each([
    [{ database: '' }, "it needs a 'database'", "Add 'database' to the connection, or to its url."],
    [{ user: '' }, "it needs a 'user'", "Add 'user' to the connection, or to its url."],
    [{ host: 's3cret,other' }, 'host must be one host name or IP address', null],
    [{ port: 's3cret' }, 'port must be a whole number from 1 to 65535', null],
    [{ port: 65_536 }, 'port must be a whole number from 1 to 65535', null],
    [{ connect_timeout: 0 }, 'connect_timeout must be a whole number from 1 to 86400', null],
    [{ lock_timeout: 1.5 }, 'lock_timeout must be a whole number from 1 to 86400', null],
    [{ sslmode: 's3cret' }, 'sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full', null],
    [{ sslmode: true }, 'sslmode must be text', null],
    [{ password: ['s3cret'] }, 'password must be text', null],
    [{ pasword: 's3cret' }, 'unknown key: pasword', "Did you mean 'password'?"],
    [{ dbname: 's3cret' }, 'unknown key: dbname', "Did you mean 'database'?"],
    [
      { nonsense: 's3cret' },
      'unknown key: nonsense',
      'Use host, port, database, user, password, schema, sslmode, sslrootcert, sslcert, sslkey, connect_timeout, lock_timeout, url, password_command.',
    ],
  ])('%j are refused without their value', (given: Given, mistake, hint) => {
    expect(refusal(() => check(given))).toEqual([`Connection 'pg': ${mistake}.`, hint]);
  });
});

describe('certificates', () => {
  it('are taken from ~/.postgresql if not given, as libpq does', () => {
    mkdirSync(join(home, '.postgresql'));
    for (const file of ['root.crt', 'postgresql.crt', 'postgresql.key'])
      writeFileSync(join(home, '.postgresql', file), '');
    expect(check({ sslmode: 'verify-full' })).toEqual({
      ...DEFAULTS,
      sslMode: 'verify-full',
      sslRootCert: join(home, '.postgresql/root.crt'),
      sslCert: join(home, '.postgresql/postgresql.crt'),
      sslKey: join(home, '.postgresql/postgresql.key'),
    });
  });

  it('may be those of the system, for verify-full', () => {
    expect(check({ sslmode: 'verify-full', sslrootcert: 'system' }).sslRootCert).toBe('system');
    expect(refusal(() => check({ sslmode: 'verify-ca', sslrootcert: 'system' }))).toEqual([
      "Connection 'pg': sslrootcert: system needs sslmode: verify-full.",
      null,
    ]);
  });

  it.each(['verify-ca', 'verify-full'])('are needed for %s', sslmode => {
    expect(refusal(() => check({ sslmode }))).toEqual([
      `Connection 'pg': sslmode: ${sslmode} needs a root certificate, and ~/.postgresql/root.crt does not exist.`,
      "Set sslrootcert to the file of the certificate authority, or to 'system' with sslmode: verify-full.",
    ]);
  });
});

describe('a url', () => {
  it.each([
    ['postgres://app@db/shop', { host: 'db' }],
    ['postgresql://app@/shop', {}],
    [
      'postgresql://app:p%40s%2Fs@db:6000/my%20shop',
      { host: 'db', port: 6000, password: 'p@s/s', database: 'my shop' },
    ],
    ['postgresql://app:a+b%2Bc@db/shop', { host: 'db', password: 'a+b+c' }],
    ['postgresql://app@[::1]:6000/shop', { host: '::1', port: 6000 }],
    ['postgresql://app@[fe80::1%25eth0]/shop', { host: 'fe80::1%eth0' }],
    ['postgresql://app@%2Fvar%2Frun/shop', { host: '/var/run' }],
    [
      'postgresql://db/shop?user=app&password=p%26w%3D&sslmode=require&connect_timeout=3&lock_timeout=9&schema=s%20t',
      { host: 'db', password: 'p&w=', sslMode: 'require', connectTimeout: 3, lockTimeout: 9, schema: 's t' },
    ],
    ['postgresql://app:@db:/shop?', { host: 'db' }],
  ])('%s is taken apart', (url, expected) => {
    expect(fromUrl(url)).toEqual({ ...DEFAULTS, ...expected });
  });

  it('yields to the other keys', () => {
    const more = { host: 'other', password: 'own', sslmode: 'disable' };
    expect(fromUrl('postgresql://app:pw@db:6000/shop?sslmode=require', more)).toEqual({
      ...DEFAULTS,
      host: 'other',
      port: 6000,
      password: 'own',
      sslMode: 'disable',
    });
  });

  const form = 'url must look like postgresql://user:password@host:port/database. ';
  const encode = 'Special characters in it must be percent-encoded';
  it.each([
    ['s3cret', form + encode],
    ['mysql://app:s3cret@db/shop', form + encode],
    ['postgresql://app:s3c@ret@db/shop', form + encode],
    ['postgresql://app:s3c/ret@db/shop', form + encode],
    ['postgresql://app:s3c?ret@db/shop', form + encode],
    ['postgresql://app:12?s3cret&x=1@db/shop', form + encode],
    ['postgresql://app:s3cret@db/shop#x', form + encode],
    ['postgresql://app:s3%cret@db/shop', `url is not percent-encoded correctly. ${encode}`],
    ['postgresql://app:s3cret@db:99999/shop', 'port must be a whole number from 1 to 65535'],
    ['postgresql://app:s3cret@one,two/shop', 'host must be one host name or IP address'],
    ['postgresql://app:s3cret@db', "it needs a 'database'"],
  ])('%s is refused without its value', (url, mistake) => {
    expect(refusal(() => fromUrl(url))[0]).toBe(`Connection 'pg': ${mistake}.`);
  });

  it('may name only our keys', () => {
    expect(refusal(() => fromUrl('postgresql://app@db/shop?ssl_mode=s3cret'))).toEqual([
      "Connection 'pg': unknown query parameter of url: ssl_mode.",
      "Did you mean 'sslmode'?",
    ]);
    expect(refusal(() => fromUrl('postgresql://app@db/shop?password_command=s3cret'))).toEqual([
      "Connection 'pg': unknown query parameter of url: password_command.",
      expect.any(String),
    ]);
  });
});

describe('endpointOf', () => {
  it.each([
    [{ host: 'db', port: 6000 }, 'postgresql://db:6000/shop'],
    [{ host: '::1', password: 's3cret' }, 'postgresql://[::1]:5432/shop'],
    [{ host: '/var/run', database: 'my shop' }, 'postgresql://[/var/run]:5432/my%20shop'],
  ])('%j', (given, endpoint) => {
    expect(endpointOf(check(given))).toBe(endpoint);
  });
});
