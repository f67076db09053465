// npm run fuzz -- [--minutes N] [--seed N]: random projects under random edits, until something is wrong or time is up.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { LiveCheck } from '../test/changes/live-check.ts';
import { ModelCheck, type Story, storyOf } from '../test/changes/model-check.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const end = Date.now() + Number(values.minutes) * 60_000;

interface Check {
  check(story: Story): Promise<void>;
  close(): void;
}

/** Most stories in one DuckDB, some through whole projects on disk. */
const KINDS: readonly { readonly name: string; readonly runs: number; open(seed: number): Promise<Check> }[] = [
  { name: 'model', runs: 400, open: seed => ModelCheck.open(seed) },
  { name: 'projects', runs: 40, open: seed => LiveCheck.open(seed) },
];

/** One batch; the report of the smallest story that fails, or null. */
async function batch(kind: (typeof KINDS)[number], seed: number): Promise<string | null> {
  const check = await kind.open(seed);
  const property = fc.asyncProperty(storyOf({ rounds: 4 }), story => check.check(story));
  const details = await fc.check(property, {
    seed,
    numRuns: kind.runs,
    interruptAfterTimeLimit: Math.max(1, end - Date.now()),
  });
  check.close();
  // Interrupted by the end of the time, it has no counterexample.
  return details.counterexample === null ? null : ((await fc.asyncDefaultReportMessage(details)) ?? 'failed');
}

let stories = 0;
for (let round = 0; round === 0 || Date.now() < end; round++) {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed) + round;
  for (const kind of KINDS) {
    const wrong = await batch(kind, seed);
    if (wrong !== null) {
      console.error(`${wrong}\n\n${kind.name}: npm run fuzz -- --seed ${seed}`);
      process.exit(1);
    }
    stories += kind.runs;
    console.log(`${kind.name}, seed ${seed}: nothing wrong (${stories} stories so far)`);
  }
}
process.exit(0);
