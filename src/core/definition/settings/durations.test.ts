import { expect, it } from 'vitest';
import { parseDuration, parseLifetime } from './durations.ts';

it.each([
  ['7d', 604_800_000],
  ['12h', 43_200_000],
  ['30m', 1_800_000],
  ['45s', 45_000],
  ['2', 172_800_000],
  [0.5, 43_200_000],
  ['0', null],
  [-1, null],
  ['7w', null],
  ['1e9', null],
  ['999999999999999999999d', null],
  ['', null],
])('parseDuration(%j) is %j', (value, expected) => {
  expect(parseDuration(value)).toBe(expected);
});

it.each([
  ['0', 0],
  ['0d', 0],
  [0, 0],
  ['12h', 43_200_000],
  ['00', null],
  ['', null],
])('parseLifetime(%j) is %j', (value, expected) => {
  expect(parseLifetime(value)).toBe(expected);
});
