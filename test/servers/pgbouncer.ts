import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeAvailable } from './describe-available.ts';
import { missingExtension } from './extensions.ts';
import { freePort } from './free-port.ts';
import { findPgbouncer } from './pgbouncer-binary.ts';
import { findPostgres } from './postgres-binaries.ts';
import type { TestPostgres } from './postgres.ts';
import { giveToServers, serverAccount } from './server-account.ts';
import { unavailability } from './unavailable.ts';
import { Watchdog } from './watchdog.ts';

/** A pooler in front of a server: every transaction may get another connection to it. */
export interface TestPgbouncer {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const running = new Set<TestPgbouncer>();
afterAll(async () => {
  for (const pgbouncer of running) await pgbouncer.stop();
});

/**
 * Starts pgbouncer in transaction mode before a server. It accepts every user and connects as the server's superuser.
 * It is stopped after the tests of the file, or earlier.
 */
export async function startPgbouncer(postgres: TestPostgres): Promise<TestPgbouncer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-pgbouncer-'));
  const watchdog = new Watchdog(folder, 'KILL');
  giveToServers(folder);
  writeFileSync(join(folder, 'pgbouncer.ini'), configuration(postgres, port));
  const pgbouncer: TestPgbouncer = {
    host: '127.0.0.1',
    port,
    stop: async () => {
      running.delete(pgbouncer);
      await watchdog.finish();
    },
  };
  running.add(pgbouncer);
  await run(folder, watchdog, port);
  return pgbouncer;
}

/** A `describe` that is skipped with the reason where PostgreSQL or pgbouncer cannot be had; in CI it fails. */
export function describePgbouncer(name: string, body: () => void): void {
  const postgres = unavailability(findPostgres()) ?? missingExtension('postgres_scanner');
  describeAvailable(name, postgres ?? unavailability(findPgbouncer()), body);
}

function configuration({ host, port, user }: TestPostgres, ownPort: number): string {
  return `[databases]
* = host=${host} port=${port} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
`;
}

async function run(folder: string, watchdog: Watchdog, port: number): Promise<void> {
  const found = findPgbouncer();
  if ('reason' in found) throw new Error(found.reason);
  const log = openSync(join(folder, 'log'), 'a');
  const options = { ...serverAccount(), cwd: folder, detached: true };
  const child = spawn(found.path, ['pgbouncer.ini'], { ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  watchdog.watch(child.pid ?? null);
  while (!(await accepts(port))) {
    if (child.exitCode === null && child.signalCode === null) continue;
    throw new Error(`pgbouncer ended: ${readFileSync(join(folder, 'log'), 'utf8')}`);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
