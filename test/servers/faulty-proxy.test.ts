import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

/** Echoes, and keeps what it received on each connection. */
let echo: Server;
let received: string[] = [];
let target = { host: '127.0.0.1', port: 0 };

beforeAll(async () => {
  echo = createServer(socket => {
    const index = received.push('') - 1;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received[index] += chunk.toString();
      socket.write(chunk);
    });
  }).listen(0, target.host);
  await once(echo, 'listening');
  const address = echo.address();
  if (address !== null && typeof address === 'object') target = { ...target, port: address.port };
});
afterAll(() => echo.close());

interface Client {
  readonly socket: Socket;
  /** What came back so far, and how the connection ended: null while it lasts. */
  readonly seen: { text: string; end: string | null };
}

async function open(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  const seen: Client['seen'] = { text: '', end: null };
  socket.on('data', (chunk: Buffer) => (seen.text += chunk.toString()));
  socket.on('error', (error: Error & { readonly code?: string }) => (seen.end = error.code ?? error.message));
  socket.on('close', () => (seen.end ??= 'closed'));
  await once(socket, 'connect');
  return { socket, seen };
}

async function answers(client: Client, text: string): Promise<void> {
  client.socket.write(text);
  await until(
    () => client.seen.text.endsWith(text),
    () => `the answer '${text}'`,
  );
}

describe('a faulty proxy', () => {
  it('lets exactly so many bytes through before it cuts, and new connections afterwards', async () => {
    received = [];
    const proxy = await startFaultyProxy(target);
    const client = await open(proxy.port);
    await answers(client, 'hello');
    const cut = proxy.cutAfter(7);
    client.socket.write('abcd');
    client.socket.write('efghij');
    await cut;
    await until(
      () => client.seen.end !== null,
      () => 'the end of the connection',
    );
    expect(client.seen.end).toBe('ECONNRESET');
    await answers(await open(proxy.port), 'again');
    expect(received).toEqual(['helloabcdefg', 'again']);
    expect(proxy.sent).toBe(17);
  });

  it('cuts all connections', async () => {
    const proxy = await startFaultyProxy(target);
    const clients = [await open(proxy.port), await open(proxy.port)];
    for (const client of clients) await answers(client, 'x');
    proxy.cut();
    await until(
      () => clients.every(({ seen }) => seen.end !== null),
      () => 'the end of the connections',
    );
    expect(clients.map(({ seen }) => seen.end)).toEqual(['ECONNRESET', 'ECONNRESET']);
  });

  it('forwards nothing while it stalls', async () => {
    received = [];
    const proxy = await startFaultyProxy(target);
    const client = await open(proxy.port);
    await answers(client, 'x');
    proxy.stall();
    client.socket.write('late');
    // Another connection shows that the loop has had its turn.
    await answers(await open(target.port), 'y');
    expect(received).toEqual(['x', 'y']);
    proxy.resume();
    await until(
      () => client.seen.text === 'xlate',
      () => 'the late answer',
    );
  });

  it('accepts and never answers while it is silent', async () => {
    received = [];
    const proxy = await startFaultyProxy(target);
    const before = await open(proxy.port);
    await answers(before, 'before');
    proxy.silence();
    const silent = await open(proxy.port);
    silent.socket.write('anyone?');
    await answers(before, 'still here');
    expect([silent.seen, received]).toEqual([{ text: '', end: null }, ['beforestill here']]);
    proxy.resume();
    await answers(await open(proxy.port), 'after');
    expect(received).toEqual(['beforestill here', 'after']);
  });

  it('refuses connections when it has stopped', async () => {
    const proxy = await startFaultyProxy(target);
    const { port } = proxy;
    await proxy.stop();
    await expect(open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
