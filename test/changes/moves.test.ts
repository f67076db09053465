import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MovesCheck, movesStory } from './moves-check.ts';

/** `npm run fuzz` checks many more stories with other seeds. */
const SEED = 20_260_101;
const STORIES = 15;

it('every plan says what applying it moves', { timeout: 1_200_000 }, async () => {
  const check = new MovesCheck();
  const property = fc.asyncProperty(movesStory({ steps: 14 }), story => check.check(story));
  // A story takes seconds, so shrinking takes too long.
  await fc.assert(property, { seed: SEED, numRuns: STORIES, endOnFailure: true });
  expect(check.plans).toBeGreaterThan(STORIES);
  expect(check.changed).toBeGreaterThan(STORIES / 2);
  expect(check.exact).toBeGreaterThan(STORIES / 4);
  expect(check.idle).toBeGreaterThan(0);
});
