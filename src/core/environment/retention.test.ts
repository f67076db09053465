import { expect, it } from 'vitest';
import { keptSerials } from './retention.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
/** Generations from serial 1 on, by their age in days. */
const history = (...ages: (number | null)[]) =>
  ages.map((age, index) => ({ serial: index + 1, at: age === null ? null : NOW - age * DAY }));

it('keeps a number of generations, however old they are', () => {
  expect(keptSerials(history(400, 300, 200, 100), { generations: 2, days: 30 }, NOW)).toEqual([4, 3]);
});

it('keeps those of some days, however many they are', () => {
  expect(keptSerials(history(90, 30, 29, 5, 1), { generations: 2, days: 30 }, NOW)).toEqual([5, 4, 3]);
});

it('leaves no gap where a clock was wrong, and takes the future for now', () => {
  expect(keptSerials(history(90, 3, 200, -50), { generations: 1, days: 30 }, NOW)).toEqual([4, 3, 2]);
});

it('counts what cannot be read, but keeps it for no age of its own', () => {
  expect(keptSerials(history(null, null, 100), { generations: 2, days: 30 }, NOW)).toEqual([3, 2]);
});

it('keeps the latest where nothing else is wanted, and all of a short history', () => {
  expect(keptSerials(history(5, 4), { generations: 1, days: 0 }, NOW)).toEqual([2]);
  expect(keptSerials(history(5), { generations: 20, days: 30 }, NOW)).toEqual([1]);
  expect(keptSerials([], { generations: 20, days: 30 }, NOW)).toEqual([]);
});
