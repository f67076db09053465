import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LiveCheck } from './live-check.ts';
import { storyOf } from './model-check.ts';

/** `npm run fuzz` checks many more stories with other seeds. */
const SEED = 20_260_101;
const STORIES = 40;

it('leaves an environment identical to a fresh project', { timeout: 1_200_000 }, async () => {
  const check = await LiveCheck.open(SEED);
  const property = fc.asyncProperty(storyOf({ rounds: 2 }), story => check.check(story));
  await fc.assert(property, { seed: SEED, numRuns: STORIES });
  check.close();
  expect(check.applied).toBeGreaterThan(STORIES / 2);
  expect(check.reused).toBeGreaterThan(STORIES);
});
