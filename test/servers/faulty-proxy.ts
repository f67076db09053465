import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';

/** A server's place on the network. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** How the proxy treats what arrives. */
type Mode = 'forward' | 'stall' | 'silent';

interface Pair {
  readonly client: Socket;
  /** Null if the proxy never connected to the server. */
  readonly server: Socket | null;
}

const running = new Set<FaultyProxy>();
afterAll(async () => {
  for (const proxy of running) await proxy.stop();
});

/** Starts a proxy before a server; it is stopped after the tests of the file, or earlier. */
export async function startFaultyProxy(target: Place): Promise<FaultyProxy> {
  const proxy = await FaultyProxy.start(target);
  running.add(proxy);
  return proxy;
}

/** A TCP proxy that forwards everything until it is told to fail. */
export class FaultyProxy {
  readonly host = '127.0.0.1';
  readonly #target: Place;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #mode: Mode = 'forward';
  #sent = 0;
  #allowance: { left: number; readonly spent: () => void } | null = null;

  private constructor(target: Place) {
    this.#target = target;
    this.#listener = createServer(client => this.#accept(client));
  }

  static async start(target: Place): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    await new Promise<void>(resolve => proxy.#listener.listen(0, proxy.host, resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is stopped');
    return address.port;
  }

  /** Bytes that clients have sent to the server so far, over all connections. */
  get sent(): number {
    return this.#sent;
  }

  /** Ends all connections: clients see a reset, the server an end. New ones work. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server?.destroy();
    }
  }

  /** Forwards this many more bytes from clients, then cuts all connections; resolves then. New ones work. */
  cutAfter(bytes: number): Promise<void> {
    return new Promise(resolve => (this.#allowance = { left: bytes, spent: resolve }));
  }

  /** Keeps all connections open, but forwards nothing either way until `resume`. */
  stall(): void {
    this.#enter('stall');
  }

  /** Accepts new connections, but never answers on them. Connections that exist work. */
  silence(): void {
    this.#enter('silent');
  }

  /** Ends `stall` or `silence`; connections accepted during `silence` stay unanswered. */
  resume(): void {
    this.#enter('forward');
  }

  /** Cuts all connections and refuses new ones. */
  async stop(): Promise<void> {
    running.delete(this);
    this.cut();
    if (this.#listener.listening) await new Promise(resolve => this.#listener.close(resolve));
  }

  #enter(mode: Mode): void {
    this.#mode = mode;
    for (const pair of this.#pairs) this.#flow(pair);
  }

  #accept(client: Socket): void {
    const server = this.#mode === 'silent' ? null : connect(this.#target.port, this.#target.host);
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on('close', () => this.#pairs.delete(pair));
    client.on('error', () => undefined);
    if (server === null) return;
    client.on('data', (chunk: Buffer) => this.#forward(chunk, client, server));
    client.on('close', () => server.destroy());
    server.on('data', (chunk: Buffer) => this.#pass(chunk, server, client));
    server.on('error', () => client.resetAndDestroy());
    server.on('close', () => client.end());
    this.#flow(pair);
  }

  #flow({ client, server }: Pair): void {
    for (const socket of [client, server]) {
      if (this.#mode === 'stall') socket?.pause();
      else socket?.resume();
    }
  }

  #forward(chunk: Buffer, client: Socket, server: Socket): void {
    const allowance = this.#allowance;
    const allowed = chunk.subarray(0, allowance?.left);
    this.#sent += allowed.length;
    if (allowance !== null) allowance.left -= allowed.length;
    if (allowance?.left !== 0) {
      this.#pass(allowed, client, server);
      return;
    }
    this.#allowance = null;
    client.pause();
    server.write(allowed, () => {
      this.cut();
      allowance.spent();
    });
  }

  /** A slow receiver slows the sender down, or the proxy would swallow a whole load. */
  #pass(chunk: Buffer, from: Socket, to: Socket): void {
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (this.#mode !== 'stall') from.resume();
    });
  }
}
