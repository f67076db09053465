import { expect, it } from 'vitest';
import { keptSerials } from './retention.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
/** Generations from serial 1 on, by their age in days. */
const history = (...ages: (number | null)[]) =>
  ages.map((age, index) => ({ serial: index + 1, at: age === null ? null : NOW - age * DAY }));

it('keeps a number of generations at any age', () => {
  expect(keptSerials(history(400, 300, 200, 100), { generations: 2, days: 30 }, NOW)).toEqual([4, 3]);
});

it('keeps all generations of a number of days', () => {
  expect(keptSerials(history(90, 30, 29, 5, 1), { generations: 2, days: 30 }, NOW)).toEqual([5, 4, 3]);
});

it('leaves no gap after a wrong clock, and counts the future as now', () => {
  expect(keptSerials(history(90, 3, 200, -50), { generations: 1, days: 30 }, NOW)).toEqual([4, 3, 2]);
});

it('counts an unreadable generation, but does not keep it for its age', () => {
  expect(keptSerials(history(null, null, 100), { generations: 2, days: 30 }, NOW)).toEqual([3, 2]);
});

it('keeps the latest at least, and all of a short history', () => {
  expect(keptSerials(history(5, 4), { generations: 1, days: 0 }, NOW)).toEqual([2]);
  expect(keptSerials(history(5), { generations: 20, days: 30 }, NOW)).toEqual([1]);
  expect(keptSerials([], { generations: 20, days: 30 }, NOW)).toEqual([]);
});
