// npm run test:quick: runs types, lint, unit tests, contract tests and the architecture test; fast enough for every save.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = ['node_modules/vitest/vitest.mjs', 'run'];
const steps = [
  ['lint', ['node_modules/oxlint/bin/oxlint', '--deny-warnings']],
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
  ['tests', [...vitest, 'src', 'test/architecture.test.ts']],
];

prepare();
const results = await Promise.all(steps.map(([name, command]) => run(name, command)));
const failed = results.filter(({ code }) => code !== 0);
for (const { name, output } of failed) console.log(`\n— ${name}\n${output}`);
for (const { name, seconds } of results) console.log(`${seconds.toFixed(1).padStart(6)} s  ${name}`);
console.log(failed.length === 0 ? 'All quick checks passed.' : `Failed: ${failed.map(({ name }) => name).join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs a command and collects its output, so that concurrent commands do not mix theirs. */
function run(name, command) {
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, SEEKNAL_BUILT: '1' } });
  const start = performance.now();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  return new Promise(resolve =>
    child.on('close', code =>
      resolve({ name, code, output: output.trim(), seconds: (performance.now() - start) / 1000 }),
    ),
  );
}
