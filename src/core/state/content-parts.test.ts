import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineParts, type ContentParts, identityFrom } from './content-parts.ts';

const columns = [
  { name: 'id', type: 'BIGINT' },
  { name: 'amount', type: 'DOUBLE' },
];

/** Sums of hashes, far above the largest exact number. */
const part: fc.Arbitrary<ContentParts> = fc.record({
  rows: fc.integer({ min: 1, max: 1_000_000 }),
  sum: fc.bigInt({ min: 0n, max: 2n ** 90n }).map(String),
});

describe('content parts', () => {
  it('add up to the same identity for every split of the rows into files, in any order', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(), (parts, at) => {
        const cut = at % parts.length;
        const [before, after] = [parts.slice(0, cut), parts.slice(cut)];
        const whole = identityFrom({ columns }, parts);
        expect(identityFrom({ columns }, [combineParts(parts)])).toBe(whole);
        expect(identityFrom({ columns }, [combineParts(before), combineParts(after)])).toBe(whole);
        expect(identityFrom({ columns }, parts.toReversed())).toBe(whole);
      }),
    );
  });

  it('give another identity for other rows, hashes or columns, or if order counts', () => {
    const parts = [{ rows: 2, sum: '36893488147419103233' }];
    const identities = [
      identityFrom({ columns }, parts),
      identityFrom({ columns, ordered: true }, parts),
      identityFrom({ columns: columns.slice(1) }, parts),
      identityFrom({ columns }, [{ rows: 3, sum: '36893488147419103233' }]),
      identityFrom({ columns }, [{ rows: 2, sum: '36893488147419103232' }]),
    ];
    expect(new Set(identities).size).toBe(identities.length);
    expect(identityFrom({ columns: columns.toReversed() }, parts)).toBe(identities[0]);
  });

  it('give the identities that existing stores hold', () => {
    expect(identityFrom({ columns }, [{ rows: 2, sum: '123' }])).toBe('1aa6e3cfd77edf2144cd488d5c213492');
    expect(identityFrom({ columns }, [{ rows: 0, sum: '0' }])).toBe('fc8a8565423df4cab1e7626d9a58716f');
    expect(identityFrom({ columns: [] }, [{ rows: 0, sum: '0' }])).toBe('fc33ee507aa96d9fe36047688066caeb');
  });
});
