// Sets up a clone: installs the packages of package-lock.json, then builds. Needs only Node and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs missing packages and builds `dist`; ends the process with a message if that fails. */
export function prepare() {
  assertNodeVersion();
  if (!isInstalled()) install();
  run(process.execPath, ['scripts/build.mjs'], 'The build failed.');
}

function assertNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Node ${process.versions.node} is too old. Install Node 20.19 or later.`);
}

/** Compares npm's record of installed packages with the lock file, to avoid repeated installs and network access. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const found = readPackages('node_modules/.package-lock.json');
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, entry]) => path === '' || isPackageInstalled(path, entry, found[path]));
}

function isPackageInstalled(path, entry, found) {
  if (found)
    return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path));
  return entry.optional === true && !isForThisMachine(entry);
}

/** Packages for other systems are never installed; those that name a C library may be missing too. */
function isForThisMachine({ os, cpu, libc }) {
  const fits = (list, value) => !list || list.includes(value);
  return (os ?? cpu) !== undefined && libc === undefined && fits(os, process.platform) && fits(cpu, process.arch);
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return null;
  }
}

function install() {
  console.error('Installing dependencies (once)…');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args], 'The installation failed.');
  else run('npm', args, 'The installation failed.', { shell: process.platform === 'win32' });
}

function run(command, args, failure, options = {}) {
  // Output of the setup goes to stderr; stdout belongs to the calling script.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status !== 0) fail(error ? `${failure} ${error.message}` : failure);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) prepare();
