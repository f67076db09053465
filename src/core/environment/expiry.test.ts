import { describe, expect, it } from 'vitest';
import { lifetimeOf } from './expiry.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-29T12:00:00Z');

describe('lifetimeOf', () => {
  it('ends exactly when the time to live has passed', () => {
    expect(lifetimeOf({ usedAt: NOW - 7 * DAY, ttl: 7 * DAY }, NOW)).toEqual({
      usedAt: NOW - 7 * DAY,
      expiresAt: NOW,
      expired: true,
    });
    expect(lifetimeOf({ usedAt: NOW - 7 * DAY + 1, ttl: 7 * DAY }, NOW).expired).toBe(false);
    expect(lifetimeOf({ usedAt: NOW - 8 * DAY, ttl: 7 * DAY }, NOW).expired).toBe(true);
  });

  it('never ends with a time to live of 0', () => {
    expect(lifetimeOf({ usedAt: 0, ttl: 0 }, NOW)).toEqual({ usedAt: 0, expiresAt: null, expired: false });
  });

  it('counts a use in the future as a use now', () => {
    expect(lifetimeOf({ usedAt: NOW + 100 * DAY, ttl: DAY }, NOW)).toEqual({
      usedAt: NOW,
      expiresAt: NOW + DAY,
      expired: false,
    });
  });
});
