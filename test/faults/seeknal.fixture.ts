import { type Death, dyingDisk } from './fault.ts';
import { runCommand } from './run-command.ts';

/** A command in a process of its own: `ROOT DEATH WORD…`, the death as JSON. */
const [root = '', death = '', ...words] = process.argv.slice(2);
const { code, stdout, stderr } = await runCommand(root, words, dyingDisk(JSON.parse(death) as Death));
process.stdout.write(stdout);
process.stderr.write(stderr);
// A native thread must not keep a command that is done.
process.exit(code);
