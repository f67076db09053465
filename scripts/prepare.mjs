// Makes a clone ready: installs what package-lock.json asks for, then builds. Needs only Node and its npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs if something is missing and builds `dist`; ends the process with a message where that fails. */
export function prepare() {
  assertNodeVersion();
  if (!isInstalled()) install();
  run(process.execPath, ['scripts/build.mjs'], 'The build failed.');
}

function assertNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Node 20.19 or later is needed; this is ${process.versions.node}.`);
}

/** Compares with what npm wrote down about the installed tree, so that nothing is installed twice and no network is asked. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const found = readPackages('node_modules/.package-lock.json');
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, entry]) => path === '' || isThere(path, entry, found[path]));
}

function isThere(path, entry, found) {
  if (found)
    return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path));
  return entry.optional === true && !isForThisMachine(entry);
}

/** Binaries for other systems are never installed. One that names a C library may rightly be absent as well. */
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
  // What is said while setting up goes to stderr: stdout belongs to the script that asked for it.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status !== 0) fail(error ? `${failure} ${error.message}` : failure);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) prepare();
