import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/**
 * `ROOT`: reads a project repeatedly until the file `stop` exists. Writes `seen-enough` once it has seen several versions,
 * and prints what it saw as JSON.
 */
const [root = ''] = process.argv.slice(2);

const PAIR = 'SELECT (SELECT max(k) FROM transform_b) AS b, (SELECT max(k) FROM transform_c) AS c';
const pairs = new Set<string>();
const files = new Set<string>();
while (!existsSync(join(root, 'stop'))) {
  const { code, stdout, stderr } = await runCommand(root, ['repl', '-e', PAIR, '--format', 'ndjson']);
  if (code !== 0) throw new Error(stderr);
  pairs.add(stdout.trim());
  for (let round = 0; round < 50; round += 1) readFiles();
  if (pairs.size > 1 && files.size > 3) writeFileSync(join(root, 'seen-enough'), '');
}
process.stdout.write(JSON.stringify({ pairs: [...pairs], files: [...files] }));
process.exit(0);

/** Records hashes; the test compares them with all files that were ever written. */
function readFiles(): void {
  const folder = join(root, 'target/intermediate');
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name));
    files.add(`${name} ${createHash('sha256').update(bytes).digest('hex')}`);
  }
}
