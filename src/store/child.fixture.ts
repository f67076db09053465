import { type Scenario, SCENARIOS } from './scenarios.fixture.ts';
import { withWriter } from './with-writer.ts';

const [root = '', scenario = ''] = process.argv.slice(2);
// Tests start this program only with scenario names.
await withWriter(root, { command: scenario, timeoutSeconds: 20 }, SCENARIOS[scenario as Scenario]);
// A pending timer would otherwise keep the process alive after the lock is released.
process.exit(0);
