import { expect, it } from 'vitest';
import { hashParts } from '../../../src/core/query/terms/term.ts';
import { hunt } from './hunt.ts';
import { huntAll } from './hunt-all.ts';
import type { Reading } from './query-lab.ts';

const FIXED = 20_261_128;

/** Runs the hunt; fails with the queries, the data and the seed. */
async function expectNoFaults(seed: number, queries: number): Promise<void> {
  const { counts, faults } = await huntAll({ seed, queries });
  const texts = faults.map(
    fault => `npm run fuzz -- --only queries --seed ${seed} --queries ${queries}\n${fault.text}`,
  );
  expect(texts).toEqual([]);
  expect(counts.queries).toBeGreaterThanOrEqual(queries);
  expect(counts.compared).toBeGreaterThan(queries);
}

/** `npm run fuzz` tests many more, with other seeds. */
it('queries with equal names in the analysis hold equal data', { timeout: 600_000 }, () =>
  expectNoFaults(FIXED, 2_500),
);

/** A wrong analysis: all queries that read the same tables count as equal. */
const byTables: Reading = analysis => {
  const rows = hashParts(analysis.reads.map(read => read.input));
  return { ...analysis, fingerprint: rows, relation: { ...analysis.relation, rows } };
};

it('demonstrates a wrong analysis with two short queries', { timeout: 120_000 }, async () => {
  const { faults } = await hunt({ seed: FIXED, queries: 1_000 }, { reading: byTables });
  expect(faults.map(fault => fault.verdict)).toEqual(['fault']);
  const queries = faults.flatMap(fault => fault.text.split('\n').filter(line => /^\(?(?:SELECT|WITH)/.test(line)));
  expect(queries).toHaveLength(2);
  expect(queries.join('').length).toBeLessThan(250);
});
