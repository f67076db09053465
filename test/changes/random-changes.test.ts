import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ModelCheck, storyOf } from './model-check.ts';

const RUNS = Number(process.env['CHANGES_RUNS'] ?? 1000);

it.each([
  ['a fixed seed', 20_260_101],
  ['a random seed', Math.floor(Math.random() * 2 ** 31)],
])('keeps nothing that a change alters: %s (%i)', { timeout: 1_200_000 }, async (_, seed) => {
  const check = await ModelCheck.open(seed);
  await fc.assert(
    fc.asyncProperty(storyOf({ rounds: 2 }), story => check.check(story)),
    { seed, numRuns: RUNS, ...(process.env['CHANGES_QUICK'] === '1' ? { endOnFailure: true } : {}) },
  );
  check.close();
  expect(check.tally.graphs).toBeGreaterThanOrEqual(RUNS);
  expect(check.tally.reused).toBeGreaterThan(check.tally.run / 4);
});
