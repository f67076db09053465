import { afterAll, expect, it } from 'vitest';
import { removeRoots } from './scenarios.ts';
import { workTogether } from './together.ts';

afterAll(removeRoots);

const CROWD = { processes: 8, commands: 15, seconds: 300 };

it(
  'processes that work on one project at once are served or refused with a reason, and leave a serial history',
  { timeout: 600_000 },
  async () => {
    const told = await workTogether(CROWD);
    expect(told).toHaveLength(CROWD.processes * CROWD.commands);
    expect(told.some(({ code }) => code === 0)).toBe(true);
  },
);
