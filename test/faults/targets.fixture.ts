import { observedDisk, realDisk } from '../../src/store/disk.ts';
import { kindOf } from './fault.ts';
import { runCommand } from './run-command.ts';

/** `ROOT KIND NTH WORD…`: runs a command that is killed before the nth disk operation of a kind after its switch. */
const [root = '', fatal = '', nth = '', ...words] = process.argv.slice(2);
let switched = false;
let met = 0;
const disk = observedDisk(realDisk, {
  before(operation, path) {
    const kind = kindOf({ operation, path }, root);
    switched ||= kind === 'sync target/store/heads';
    if (!switched || kind !== fatal) return;
    met += 1;
    if (met === Number(nth)) process.kill(process.pid, 'SIGKILL');
  },
});
const { code, stdout, stderr } = await runCommand(root, words, disk);
process.stdout.write(stdout);
process.stderr.write(stderr);
// A native thread would otherwise keep the finished process running.
process.exit(code);
