import { type Scenario, SCENARIOS } from './scenarios.fixture.ts';
import { withWriter } from './with-writer.ts';

const [root = '', scenario = ''] = process.argv.slice(2);
// A test's own program is started with the names of scenarios alone.
await withWriter(root, { command: scenario, timeoutSeconds: 20 }, SCENARIOS[scenario as Scenario]);
// A step that is in flight when the lock is let go would otherwise keep a held timer alive.
process.exit(0);
