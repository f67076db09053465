import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DOWNLOADED_POSTGRES } from './postgres-download.ts';
import type { Unavailable } from './unavailable.ts';

/** The programs of one PostgreSQL installation. */
export interface PostgresBinaries {
  /** Folder with `postgres` and `initdb`. */
  readonly folder: string;
  /** For example `15.18`. */
  readonly version: string;
}

const OLDEST = 15;
const VERSIONED = ['/usr/lib/postgresql', '/Library/PostgreSQL', '/Applications/Postgres.app/Contents/Versions'];
const KEGS = ['/opt/homebrew/opt', '/usr/local/opt'];
const SINGLE = ['/usr/local/pgsql/bin', '/usr/local/bin', '/usr/bin'];

/**
 * Finds PostgreSQL 15 or later: in the folder that SEEKNAL_TEST_POSTGRES names, else on the PATH, where systems install
 * it, or what `npm test` downloaded.
 */
export function findPostgres(): PostgresBinaries | Unavailable {
  if (process.platform === 'win32') return { reason: 'The tests cannot start PostgreSQL on Windows.' };
  found ??= search();
  return found ?? { reason: `PostgreSQL ${OLDEST} or later is not installed. Run 'npm test', which downloads it.` };
}
let found: PostgresBinaries | null = null;

function search(): PostgresBinaries | null {
  for (const folder of candidates()) {
    const version = versionIn(folder);
    if (version !== null && Number.parseInt(version, 10) >= OLDEST) return { folder, version };
  }
  return null;
}

function candidates(): readonly string[] {
  const wanted = process.env['SEEKNAL_TEST_POSTGRES'];
  if (wanted !== undefined) return [wanted];
  const path = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '');
  const kegs = KEGS.flatMap(newestFirst).filter(folder => /\/postgresql(@\d+)?$/.test(folder));
  const installed = [...VERSIONED.flatMap(newestFirst), ...kegs].map(folder => join(folder, 'bin'));
  return [...path, ...installed, ...SINGLE, DOWNLOADED_POSTGRES];
}

function newestFirst(parent: string): readonly string[] {
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map(name => join(parent, name));
}

function versionIn(folder: string): string | null {
  if (!existsSync(join(folder, 'initdb'))) return null;
  try {
    const output = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return /\d+(\.\d+)?/.exec(output)?.[0] ?? null;
  } catch {
    return null;
  }
}
