// npm run fuzz -- [--minutes N] [--seed N] [--only graphs|queries] [--queries N]: tests random queries, and random
// projects under random edits, until a check fails or time is up.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { LiveCheck } from '../test/changes/live-check.ts';
import { ModelCheck, type Story, storyOf } from '../test/changes/model-check.ts';
import { MovesCheck, movesStory } from '../test/changes/moves-check.ts';
import { huntAll } from '../test/query/machine/hunt-all.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    queries: { type: 'string' },
  },
});
const { only } = values;
if (only !== undefined && only !== 'graphs' && only !== 'queries') {
  console.error(`--only ${only}: use graphs or queries`);
  process.exit(64);
}
const queries = Number(values.queries ?? Number.MAX_SAFE_INTEGER);
const milliseconds = Number(values.minutes ?? 10) * 60_000;
const start = Date.now();
const end = start + milliseconds;
const seedOf = (round: number): number =>
  values.seed === undefined ? Math.floor(Math.random() * 2 ** 20) : Number(values.seed) + round;

interface Check {
  readonly property: fc.IAsyncPropertyWithHooks<[unknown]>;
  close(): void;
}

interface Kind {
  readonly name: string;
  readonly runs: number;
  /** Whether to shrink a failing story; not if each takes seconds. */
  readonly shrinks: boolean;
  open(seed: number): Promise<Check>;
}

/** Most stories run in one DuckDB, some in whole projects on disk. */
const KINDS: readonly Kind[] = [
  { name: 'model', runs: 400, shrinks: true, open: async seed => checkOf(await ModelCheck.open(seed)) },
  { name: 'projects', runs: 40, shrinks: true, open: async seed => checkOf(await LiveCheck.open(seed)) },
  { name: 'moves', runs: 15, shrinks: false, open: async () => movesOf(new MovesCheck()) },
];

const checkOf = (check: { check(story: Story): Promise<void>; close(): void }): Check => ({
  property: fc.asyncProperty(storyOf({ rounds: 4 }), story => check.check(story)),
  close: () => check.close(),
});

const movesOf = (check: MovesCheck): Check => ({
  property: fc.asyncProperty(movesStory({ steps: 14 }), story => check.check(story)),
  close: () => {},
});

/** Runs one batch; returns a report of the smallest failing story, or null. */
async function batch(kind: Kind, seed: number): Promise<string | null> {
  const check = await kind.open(seed);
  const details = await fc.check(check.property, {
    seed,
    numRuns: kind.runs,
    endOnFailure: !kind.shrinks,
    interruptAfterTimeLimit: Math.max(1, end - Date.now()),
  });
  check.close();
  // A batch that ran out of time has no counterexample.
  return details.counterexample === null ? null : ((await fc.asyncDefaultReportMessage(details)) ?? 'failed');
}

function fail(report: string, command: string): never {
  console.error(`${report}\n\nnpm run fuzz -- ${command}`);
  process.exit(1);
}

/** Leaves half of the time to the graphs; has no limit if only `--queries` is given. */
function endOfQueries(): number {
  if (values.queries !== undefined && values.minutes === undefined) return Number.MAX_SAFE_INTEGER;
  return only === 'queries' ? end : start + milliseconds / 2;
}

async function fuzzQueries(): Promise<void> {
  const seed = seedOf(0);
  const told = { others: 0, crashes: 0 };
  const { faults } = await huntAll(
    { seed, queries, end: endOfQueries() },
    ({ counts, faults: wrong, others, crashes }) => {
      for (const { text } of others.slice(told.others)) console.log(text);
      for (const sql of crashes.slice(told.crashes)) console.log(`-- DuckDB crashes\n${sql}`);
      [told.others, told.crashes] = [others.length, crashes.length];
      const needless = counts.mutants === 0 ? 0 : (100 * counts.needless) / counts.mutants;
      if (wrong.length === 0)
        console.log(
          `queries, seed ${seed}: no failure (${counts.queries} queries so far; ${needless.toFixed(1)} % of the mutants would be rebuilt needlessly)`,
        );
    },
  );
  const [fault] = faults;
  if (fault)
    fail(fault.text, `--only queries --seed ${seed}${values.queries === undefined ? '' : ` --queries ${queries}`}`);
}

async function fuzzGraphs(): Promise<void> {
  let stories = 0;
  for (let round = 0; round === 0 || Date.now() < end; round++) {
    const seed = seedOf(round);
    for (const kind of KINDS) {
      const wrong = await batch(kind, seed);
      if (wrong !== null) fail(`${wrong}\n\n${kind.name}:`, `--only graphs --seed ${seed}`);
      stories += kind.runs;
      console.log(`${kind.name}, seed ${seed}: no failure (${stories} stories so far)`);
    }
  }
}

if (only !== 'graphs') await fuzzQueries();
if (only !== 'queries') await fuzzGraphs();
process.exit(0);
