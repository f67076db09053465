import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LiveCheck } from './live-check.ts';
import { storyOf } from './model-check.ts';

const RUNS = Number(process.env['LIVE_RUNS'] ?? 75);

it.each([
  ['a fixed seed', 20_260_101],
  ['a random seed', Math.floor(Math.random() * 2 ** 31)],
])('leaves an environment as a fresh project would be: %s (%i)', { timeout: 1_200_000 }, async (_, seed) => {
  const check = await LiveCheck.open(seed);
  await fc.assert(
    fc.asyncProperty(storyOf({ rounds: 2 }), story => check.check(story)),
    { seed, numRuns: RUNS },
  );
  check.close();
  expect(check.applied).toBeGreaterThan(RUNS / 2);
  expect(check.reused).toBeGreaterThan(RUNS);
});
