import { randomInt } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** `ROOT COMMANDS SECONDS`: runs random commands on a project until either limit; prints one line per outcome. */
const [root = '', commands = '', seconds = ''] = process.argv.slice(2);

const pick = <T>(choices: readonly [T, ...T[]]): T => choices[randomInt(choices.length)] ?? choices[0];
const environment = (): string => pick(['one', 'two', 'three']);

/** Replaces a file by rename, as an editor does. */
function edit(): void {
  const name = pick(['b', 'd']);
  const path = join(root, 'seeknal', `${name}.yml`);
  const sql = `SELECT id, ${randomInt(1, 4)} AS k FROM ref('source.a')`;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `kind: transform\nname: ${name}\ninputs:\n  - ref: source.a\ntransform: |\n  ${sql}\n`);
  renameSync(draft, path);
}

const COMMANDS: readonly [() => readonly string[], ...(() => readonly string[])[]] = [
  () => ['env', 'plan', environment()],
  () => ['env', 'apply', environment()],
  () => ['env', 'apply', environment()],
  () => ['env', 'promote', environment(), '--yes', '--allow-revert'],
  () => ['env', 'promote', environment(), '--yes', '--rebase'],
  () => ['env', 'rollback', '--yes'],
  () => ['run', '--allow-revert'],
];

const READ = 'SELECT (SELECT max(k) FROM transform_b) = (SELECT max(k) FROM transform_c) AS same';

const end = performance.now() + Number(seconds) * 1000;
for (let done = 0; done < Number(commands) && performance.now() < end; done += 1) {
  if (randomInt(3) === 0) edit();
  const words = randomInt(3) === 0 ? ['repl', '-e', READ] : [...pick(COMMANDS)(), '--lock-timeout', '5'];
  const { code, stdout, stderr } = await runCommand(root, [...words, '--json']);
  process.stdout.write(`${JSON.stringify({ words, code, result: JSON.parse(stdout), stderr })}\n`);
}
process.exit(0);
