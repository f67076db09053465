import { type Death, dyingDisk } from './fault.ts';
import { runCommand } from './run-command.ts';

/** `ROOT DEATH WORD…`: runs a command in a separate process; the death is JSON. */
const [root = '', death = '', ...words] = process.argv.slice(2);
const { code, stdout, stderr } = await runCommand(root, words, dyingDisk(JSON.parse(death) as Death));
process.stdout.write(stdout);
process.stderr.write(stderr);
// A native thread would otherwise keep the finished process running.
process.exit(code);
