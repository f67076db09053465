import { afterAll, expect, it } from 'vitest';
import { removeRoots } from './scenarios.ts';
import { workTogether } from './together.ts';

afterAll(removeRoots);

it(
  'eight processes at once are served or refused with a reason, and leave a serial history',
  { timeout: 600_000 },
  async () => {
    const told = await workTogether(8, 60);
    const served = new Set(told.filter(({ code }) => code === 0).map(({ words }) => words.slice(0, 2).join(' ')));
    expect([...served].sort()).toEqual(
      expect.arrayContaining(['env apply', 'env plan', 'env promote', 'env rollback', 'repl -e', 'run --allow-revert']),
    );
  },
);
