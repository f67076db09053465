import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MovesCheck, movesStory } from './moves-check.ts';

const RUNS = Number(process.env['MOVES_RUNS'] ?? 15);

it.each([
  ['a fixed seed', 20_260_101],
  ['a random seed', Math.floor(Math.random() * 2 ** 31)],
])('says of every plan what applying it moves: %s (%i)', { timeout: 1_200_000 }, async (_, seed) => {
  const check = new MovesCheck();
  await fc.assert(
    fc.asyncProperty(movesStory({ steps: 14 }), story => check.check(story)),
    // A story takes seconds: to shrink one takes too long.
    { seed, numRuns: RUNS, endOnFailure: true },
  );
  expect(check.plans).toBeGreaterThan(RUNS);
  expect(check.changed).toBeGreaterThan(RUNS / 2);
  expect(check.exact).toBeGreaterThan(RUNS / 4);
  expect(check.idle).toBeGreaterThan(0);
});
