import { afterAll, expect, it } from 'vitest';
import { removeRoots } from './scenarios.ts';
import { workTogether } from './together.ts';

afterAll(removeRoots);

const CROWD = { processes: 8, commands: 15, seconds: 300 };

it(
  'concurrent commands on one project succeed or are refused with a reason, and leave a serial history',
  { timeout: 600_000 },
  async () => {
    const reports = await workTogether(CROWD);
    expect(reports).toHaveLength(CROWD.processes * CROWD.commands);
    expect(reports.some(({ code }) => code === 0)).toBe(true);
  },
);
