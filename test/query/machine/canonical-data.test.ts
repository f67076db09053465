import { expect, it } from 'vitest';
import { canonicalData } from './canonical-data.ts';

const same = (a: readonly (readonly unknown[])[], b: readonly (readonly unknown[])[]): boolean =>
  canonicalData(a) === canonicalData(b);

it('ignores the order of rows, but counts duplicates', () => {
  expect(same([[1], [2], [2]], [[2], [1], [2]])).toBe(true);
  expect(same([[1], [2], [2]], [[1], [1], [2]])).toBe(false);
});

it('distinguishes values that a query can distinguish', () => {
  expect(same([[0]], [[-0]])).toBe(false);
  expect(same([[[0]]], [[[-0]]])).toBe(false);
  expect(same([[{ x: 0 }]], [[{ x: -0 }]])).toBe(false);
  expect(same([['NaN']], [['NaN']])).toBe(true);
  expect(same([[null]], [[[]]])).toBe(false);
  expect(same([[null]], [['null']])).toBe(false);
});

it('compares random values only for equality', () => {
  const [a, b, c, d] = [0.123456789, 0.234567891, 0.345678912, 0.456789123];
  expect(
    same(
      [
        [1, a],
        [1, a],
        [2, b],
      ],
      [
        [1, c],
        [2, d],
        [1, c],
      ],
    ),
  ).toBe(true);
  expect(
    same(
      [
        [1, a],
        [1, a],
        [2, b],
      ],
      [
        [1, c],
        [1, d],
        [2, a],
      ],
    ),
  ).toBe(false);
  expect(same([[a, a]], [[a, b]])).toBe(false);
  expect(same([[a], [b]], [[a], [0.5]])).toBe(false);
});
