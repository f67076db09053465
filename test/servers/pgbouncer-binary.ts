import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Unavailable } from './unavailable.ts';

// Systems install it for root, whose folders are often missing from the PATH of others.
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** The path of pgbouncer; or why there is none. */
export function findPgbouncer(): { readonly path: string } | Unavailable {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS];
  const path = folders.map(folder => join(folder, 'pgbouncer')).find(path => existsSync(path));
  return path === undefined ? { reason: 'pgbouncer is not installed.' } : { path };
}

/** Installs pgbouncer with apt; throws if that is not possible. */
export function installPgbouncer(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error('pgbouncer is not installed.');
  try {
    apt(['install', '-y', '--no-install-recommends', 'pgbouncer']);
  } catch {
    apt(['update']);
    apt(['install', '-y', '--no-install-recommends', 'pgbouncer']);
  }
}

function apt(args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}
