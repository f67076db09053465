import { observedDisk, realDisk } from './disk.ts';
import { type Scenario, SCENARIOS } from './scenarios.fixture.ts';
import { withWriter } from './with-writer.ts';

/** Kills this very process, at once, right before its nth step on the disk. */
function dyingDisk(step: number): typeof realDisk {
  let steps = 0;
  const before = (): void => {
    steps += 1;
    if (steps === step) process.kill(process.pid, 'SIGKILL');
  };
  return observedDisk(realDisk, { before });
}

const [root = '', scenario = '', step = '0'] = process.argv.slice(2);
// A test's own program is started with the names of scenarios alone.
const work = SCENARIOS[scenario as Scenario];
await withWriter(root, { command: scenario, timeoutSeconds: 20, disk: dyingDisk(Number(step)) }, work);
// A step that is in flight when the lock is let go would otherwise keep a held timer alive.
process.exit(0);
