import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultyProxy } from '../../../test/servers/faulty-proxy.ts';
import { freePort } from '../../../test/servers/free-port.ts';
import { describePostgres, startPostgres, type TestPostgres } from '../../../test/servers/postgres.ts';
import { connect } from './client.ts';
import {
  connectionFailureOf as failure,
  ENCRYPTED,
  protocolsOf,
  SECRET,
  settingsOf,
  toolErrorOf,
} from './connection-case.testing.ts';
import type { PostgresSettings } from './settings.ts';

const HBA = [
  'host all nowhere 127.0.0.1/32 reject',
  'host all asked 127.0.0.1/32 scram-sha-256',
  'host all asked_md5 127.0.0.1/32 md5',
];

describePostgres('a server that refuses a connection', () => {
  let postgres: TestPostgres;
  const to = (more: Partial<PostgresSettings>) => settingsOf(postgres, { host: 'localhost', ...more });
  const endpoint = () => `Connection 'pg' to postgresql://localhost:${postgres.port}/postgres: `;

  beforeAll(async () => {
    postgres = await startPostgres({ tls: true, hba: HBA });
    for (const user of ['nowhere', 'limited']) await postgres.createUser(user);
    for (const user of ['asked', 'asked_md5']) await postgres.createUser(user, SECRET);
  });

  it.each(['asked', 'asked_md5'])(
    'accepts the password of %s, and tells a wrong one from a missing one',
    async user => {
      expect(await protocolsOf(to({ user, password: SECRET }))).toEqual(ENCRYPTED);
      expect(await failure(to({ user, password: `${SECRET}!` }))).toEqual([
        'connection-password',
        `${endpoint()}wrong password for user '${user}'.`,
        "Check 'user', and 'password' or 'password_command' with the variables in them.",
      ]);
      expect(await failure(to({ user }))).toEqual([
        'connection-password',
        `${endpoint()}the server asks user '${user}' for a password.`,
        "Set 'password', such as \"${PG_PASSWORD}\", or 'password_command'.",
      ]);
    },
  );

  it('sends a wrong password once only, and never without encryption', async () => {
    const before = postgres.log().split('password authentication failed').length;
    await failure(to({ user: 'asked', password: 'wrong' }));
    expect(postgres.log().split('password authentication failed').length - before).toBe(1);
  });

  it('says that the database does not exist', async () => {
    expect(await failure(to({ database: 'nope' }))).toEqual([
      'connection-database',
      `Connection 'pg' to postgresql://localhost:${postgres.port}/nope: database 'nope' does not exist.`,
      "Check 'database', or run CREATE DATABASE nope on the server.",
    ]);
  });

  it('says that the user may not use the database', async () => {
    const database = await postgres.createDatabase();
    await postgres.rows(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
    expect(await failure(to({ database, user: 'limited' }))).toEqual([
      'connection-database',
      `Connection 'pg' to postgresql://localhost:${postgres.port}/${database}: user 'limited' cannot use database '${database}' (permission denied for database "${database}").`,
      `Run GRANT CONNECT ON DATABASE ${database} TO limited on the server.`,
    ]);
  });

  it('says that the user does not exist', async () => {
    expect(await failure(to({ user: 'nobody' }))).toEqual([
      'connection-role',
      `${endpoint()}user 'nobody' does not exist or may not log in.`,
      "Check 'user', or run CREATE ROLE nobody LOGIN on the server.",
    ]);
  });

  it('says that pg_hba.conf rejects the user', async () => {
    expect(await failure(to({ user: 'nowhere', sslMode: 'require' }))).toEqual([
      'connection-rejected',
      `${endpoint()}the server rejects user 'nowhere' for database 'postgres' (pg_hba.conf rejects connection for host "127.0.0.1", user "nowhere", database "postgres", SSL encryption).`,
      "Check 'user', 'database' and 'sslmode', and the entries in pg_hba.conf on the server.",
    ]);
  });

  it('says that there are too many connections', async () => {
    await postgres.rows('ALTER ROLE limited CONNECTION LIMIT 0');
    expect(await failure(to({ user: 'limited' }))).toEqual([
      'connection-limit',
      `${endpoint()}the server has no connection left (too many connections for role "limited").`,
      'Try again later, or raise max_connections or the limit of the role or the database.',
    ]);
  });

  it('gives up when a server accepts and never answers', async () => {
    const proxy = await startFaultyProxy(postgres);
    proxy.silence();
    expect(await failure(to({ port: proxy.port, host: proxy.host, connectTimeout: 1 }))).toEqual([
      'connection-timeout',
      `Connection 'pg' to postgresql://127.0.0.1:${proxy.port}/postgres: no answer within 1 s.`,
      "Check 'host', 'port' and firewalls, or raise connect_timeout.",
    ]);
  });

  it('is interrupted before it starts, and while it waits', async () => {
    const silent = await silentServer();
    const controller = new AbortController();
    const early = new AbortController();
    const settings = to({ port: silent.port, host: '127.0.0.1', connectTimeout: 600 });
    const failures = [controller, early].map(({ signal }) => toolErrorOf(connect(settings, signal)));
    early.abort();
    await silent.accepted;
    controller.abort();
    expect(await Promise.all(failures)).toMatchObject([
      { code: 'interrupted', exitCode: 130 },
      { code: 'interrupted', exitCode: 130 },
    ]);
    silent.close();
  });

  it('is told apart from a connection that breaks', async () => {
    const proxy = await startFaultyProxy(postgres);
    const cut = proxy.cutAfter(20);
    const settings = to({ port: proxy.port, host: proxy.host, sslMode: 'disable' });
    expect((await failure(settings))[0]).toBe('connection-closed');
    await cut;
  });
});

describe('a connection without a server', () => {
  /** A server that does not speak PostgreSQL's protocol: it sends a text to every client and hangs up. */
  let stranger: Server;
  let port = 0;
  beforeAll(async () => {
    stranger = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const address = stranger.address();
    if (address !== null && typeof address === 'object') ({ port } = address);
  });
  afterAll(() => stranger.close());

  const to = (more: Partial<PostgresSettings>) =>
    settingsOf({ host: '127.0.0.1', port, user: 'app' } as TestPostgres, { password: SECRET, ...more });

  it('says that the host was not found', async () => {
    expect(await failure(to({ host: 'no-such-host.invalid' }))).toEqual([
      'connection-host-not-found',
      `Connection 'pg' to postgresql://no-such-host.invalid:${port}/postgres: host 'no-such-host.invalid' was not found.`,
      "Check 'host' and the network or VPN.",
    ]);
  });

  it.each(['127.0.0.1', 'localhost', '/nowhere'])('says that nothing listens on %s', async host => {
    const closed = await freePort();
    expect(await failure(to({ host, port: closed }))).toEqual([
      'connection-refused',
      `Connection 'pg' to postgresql://${host.startsWith('/') ? `[${host}]` : host}:${closed}/postgres: nothing listens on port ${closed} of '${host}'.`,
      "Start the server, or check 'host' and 'port'.",
    ]);
  });

  it('says that something else listens there', async () => {
    expect(await failure(to({}))).toEqual([
      'connection-protocol',
      `Connection 'pg' to postgresql://127.0.0.1:${port}/postgres: what listens on port ${port} does not answer like a PostgreSQL server.`,
      "Check 'host' and 'port'.",
    ]);
  });
});

interface SilentServer {
  readonly port: number;
  /** Resolves with the first connection. */
  readonly accepted: Promise<unknown>;
  close(): void;
}

async function silentServer(): Promise<SilentServer> {
  const sockets: Socket[] = [];
  const server = createServer(socket => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  const accepted = once(server, 'connection');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: address.port, accepted, close };
}
