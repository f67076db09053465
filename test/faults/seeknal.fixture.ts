import { faultyDisk, type Fault } from './fault.ts';
import { runCommand } from './run-command.ts';

/** A command in a process of its own: `ROOT FAULT WORD…`, the fault as JSON. */
const [root = '', fault = '', ...words] = process.argv.slice(2);
const { code, stdout, stderr } = await runCommand(root, words, faultyDisk(JSON.parse(fault) as Fault));
process.stdout.write(stdout);
process.stderr.write(stderr);
// A native thread must not keep a command that is done.
process.exit(code);
