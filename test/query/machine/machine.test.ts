import { describe, expect, it } from 'vitest';
import { hunt } from './hunt.ts';

const FIXED = 20_261_128;

/** Fails with the queries, the data and the seed. */
async function expectNoFaults(seed: number, queries: number): Promise<void> {
  const { counts, faults } = await hunt({ seed, queries });
  const texts = faults.map(
    fault => `npm run fuzz -- --only queries --seed ${seed} --queries ${queries}\n${fault.text}`,
  );
  expect(texts).toEqual([]);
  expect(counts.queries).toBeGreaterThanOrEqual(queries);
  expect(counts.compared).toBeGreaterThan(queries);
}

describe('queries that the analysis gives one name hold equal data', () => {
  it('in 3,000 random queries and their mutants', { timeout: 600_000 }, () => expectNoFaults(FIXED, 3_000));

  it('in 1,000 others each time', { timeout: 600_000 }, () =>
    expectNoFaults(Math.floor(Math.random() * 2 ** 20), 1_000),
  );
});
