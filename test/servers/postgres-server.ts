import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { freePort } from './free-port.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { createDataFolder } from './postgres-template.ts';
import { killTree } from './process-tree.ts';
import { giveToServers, serverAccount } from './server-account.ts';
import { Watchdog } from './watchdog.ts';

/** How a server differs from the default one. */
export interface PostgresOptions {
  /** Server settings, as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of `pg_hba.conf` before those that trust everyone. They must let in `postgres` without TLS, for `rows`. */
  readonly hba?: readonly string[];
  /** Offers TLS, with a certificate for `localhost`. */
  readonly tls?: boolean;
}

// Commits must survive a SIGKILL of the server, so only the waits for the disk are left out (fsync), not the writes.
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  shared_buffers: '32MB',
  max_connections: '60',
  jit: 'off',
  timezone: 'UTC',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
};
const TRUST = ['host all all 127.0.0.1/32 trust'];

/** A PostgreSQL server in a temporary folder. It ends with the test process, however that ends. */
export class PostgresServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly folder: string;
  readonly certificates: Certificates | null;
  readonly #binaries: PostgresBinaries;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #watchdog: Watchdog;
  #process: ChildProcess | null = null;

  private constructor(binaries: PostgresBinaries, port: number, options: PostgresOptions) {
    this.#binaries = binaries;
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'seeknal-postgres-'));
    this.#watchdog = new Watchdog(this.folder, 'QUIT');
    giveToServers(this.folder);
    createDataFolder(binaries, join(this.folder, 'data'));
    this.certificates = options.tls === true ? this.#makeCertificates() : null;
    this.#settings = { ...SETTINGS, port: `${port}`, ...this.#tlsSettings(), ...options.settings };
    const hba = join(this.folder, 'data', 'pg_hba.conf');
    writeFileSync(hba, [...(options.hba ?? []), ...TRUST, ''].join('\n'));
  }

  /** Starts a server on a free port; throws if there is no PostgreSQL, or with the server's log. */
  static async start(options: PostgresOptions = {}): Promise<PostgresServer> {
    const binaries = findPostgres();
    if ('reason' in binaries) throw new Error(binaries.reason);
    const server = new PostgresServer(binaries, await freePort(), options);
    try {
      await server.run();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  /** Starts the processes; resolves when connections are accepted. */
  async run(): Promise<void> {
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = openSync(join(this.folder, 'log'), 'a');
    const child = spawn(join(this.#binaries.folder, 'postgres'), ['-D', join(this.folder, 'data'), ...settings], {
      ...serverAccount(),
      cwd: this.folder,
      // On macOS the server refuses to start where no locale is set.
      env: { ...process.env, LC_ALL: 'C' },
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    this.#process = child;
    this.#watchdog.watch(child.pid ?? null);
    await until(
      () => this.#isReady(child),
      () => `PostgreSQL: ${this.log()}`,
    );
  }

  /** Shuts down: open transactions are rolled back and connections closed. */
  async shutDown(): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    child.kill('SIGINT');
    await this.#ended(child);
  }

  /** Kills all processes of the server with SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    await killTree(child.pid);
    await this.#ended(child);
  }

  /** Ends the processes and deletes the folder. */
  async remove(): Promise<void> {
    await this.#watchdog.finish();
    this.#process = null;
  }

  /** Unmounts a folder when the server is removed. */
  unmountAtEnd(path: string): void {
    this.#watchdog.unmountAtEnd(path);
  }

  /** A program of the same installation, such as `psql`; else the one on the PATH. */
  binary(name: string): string {
    const path = join(this.#binaries.folder, name);
    return existsSync(path) ? path : name;
  }

  /** What the server has logged. */
  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  async #ended(child: ChildProcess): Promise<void> {
    child.ref();
    if (child.exitCode === null && child.signalCode === null) await new Promise(resolve => child.once('exit', resolve));
    this.#process = null;
    this.#watchdog.watch(null);
  }

  /** The last line of this file is the state of the server. */
  #isReady(child: ChildProcess): boolean {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`PostgreSQL ended: ${this.log()}`);
    try {
      const [pid, ...rest] = readFileSync(join(this.folder, 'data', 'postmaster.pid'), 'utf8')
        .trim()
        .split('\n');
      return pid === `${child.pid}` && rest.at(-1)?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  #makeCertificates(): Certificates {
    const certificates = makeCertificates(this.folder);
    giveToServers(certificates.key);
    return certificates;
  }

  #tlsSettings(): Readonly<Record<string, string>> {
    if (this.certificates === null) return {};
    return { ssl: 'on', ssl_cert_file: this.certificates.certificate, ssl_key_file: this.certificates.key };
  }
}
