// npm test [-- PATH …] [-- VITEST OPTIONS]: sets up, brings servers and extensions, runs the tests, and prints the
// slowest files, what was left out, and the counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const filters = args.filter(arg => !arg.startsWith('-'));
const SHOWN_FILES = 10;

prepare();
const missing = prepareServers();
const complete = missing.length === 0 || !process.env.CI;
const folder = mkdtempSync(join(tmpdir(), 'seeknal-summary-'));
const path = join(folder, 'summary.json');
const { status, signal } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=./scripts/summary-reporter.mjs', ...args],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SEEKNAL_TEST_SUMMARY: path, SEEKNAL_BUILT: '1' } },
);
const summary = readSummary();
rmSync(folder, { recursive: true, force: true });
report();
process.exitCode = status === 0 && summary?.failed === 0 && complete ? 0 : 1;

/** Brings servers and extensions for tests. Returns what is missing and why. */
function prepareServers() {
  const cautious = filters.length > 0 && !process.env.CI ? ['--cautious'] : [];
  const command = ['scripts/run-ts.mjs', 'scripts/test-servers.ts', ...cautious];
  const { status, stdout } = spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  return status === 0 ? JSON.parse(stdout.toString()) : ['tests that need servers: scripts/test-servers.ts failed'];
}

function readSummary() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function report() {
  if (summary === null) {
    console.log(`The tests did not finish${signal ? ` (${signal})` : ''}.`);
    return;
  }
  console.log(`Slowest files:\n${slowest().join('\n')}`);
  console.log(`Left out: ${notRun().join('\n          ')}`);
  console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped.length} skipped`);
  if (!complete) console.log('Failed: with CI set, nothing may be missing.');
}

function slowest() {
  const files = [...summary.files].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, SHOWN_FILES);
  return files.map(({ path, milliseconds }) => `${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${path}`);
}

function notRun() {
  const unmatched = filters.length > 0 ? [`files that do not match ${filters.join(', ')}`] : [];
  const lines = [...unmatched, ...missing, ...summary.skipped];
  return lines.length > 0 ? lines : ['nothing'];
}
