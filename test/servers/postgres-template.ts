import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CACHE_FOLDER } from './cache-folder.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { giveToServers, serverAccount } from './server-account.ts';

const INITDB = ['-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'];

/** Creates the data folder of a new server at `target` by copying one that `initdb` made earlier. */
export function createDataFolder(binaries: PostgresBinaries, target: string): void {
  const { uid } = serverAccount();
  const template = join(CACHE_FOLDER, `postgres-data-${binaries.version}-${uid ?? process.getuid?.()}`);
  if (!existsSync(template)) createTemplate(binaries, template);
  copy(template, target);
}

/** Servers cannot enter the clone if it belongs to root, so `initdb` works in a temporary folder. */
function createTemplate(binaries: PostgresBinaries, template: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'seeknal-initdb-'));
  try {
    giveToServers(folder);
    const data = join(folder, 'data');
    execFileSync(join(binaries.folder, 'initdb'), ['-D', data, ...INITDB], {
      ...serverAccount(),
      cwd: folder,
      stdio: 'pipe',
    });
    publish(data, template);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Several test processes may do this at once: a template appears whole, and the first one wins. */
function publish(data: string, template: string): void {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const staged = mkdtempSync(`${template}.`);
  try {
    copy(data, join(staged, 'data'));
    if (!existsSync(template)) renameSync(join(staged, 'data'), template);
  } catch (error) {
    if (!existsSync(template)) throw error;
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

function copy(from: string, to: string): void {
  execFileSync('cp', ['-pR', from, to], { stdio: 'pipe' });
}
