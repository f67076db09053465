import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ModelCheck, storyOf } from './model-check.ts';

/** `npm run fuzz` checks many more stories with other seeds. */
const SEED = 20_260_101;
const STORIES = 500;

it('never reuses changed data', { timeout: 1_200_000 }, async () => {
  const check = await ModelCheck.open(SEED);
  const property = fc.asyncProperty(storyOf({ rounds: 2 }), story => check.check(story));
  await fc.assert(property, { seed: SEED, numRuns: STORIES });
  check.close();
  expect(check.tally.graphs).toBeGreaterThanOrEqual(STORIES);
  expect(check.tally.reused).toBeGreaterThan(check.tally.run / 4);
});
