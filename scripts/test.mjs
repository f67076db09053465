// npm test [-- PATH …] [-- VITEST OPTIONS]: sets up, runs the tests, and prints the slowest files, the
// skipped tests, and the counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const SHOWN_FILES = 10;

prepare();
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
process.exitCode = status === 0 && summary?.failed === 0 ? 0 : 1;

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
}

function slowest() {
  const files = [...summary.files].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, SHOWN_FILES);
  return files.map(({ path, milliseconds }) => `${(milliseconds / 1000).toFixed(1).padStart(8)} s  ${path}`);
}

function notRun() {
  const filters = args.filter(arg => !arg.startsWith('-'));
  const unmatched = filters.length > 0 ? [`files that do not match ${filters.join(', ')}`] : [];
  const lines = [...unmatched, ...summary.skipped];
  return lines.length > 0 ? lines : ['nothing'];
}
