import { describe, expect, it } from 'vitest';
import { runSchedule, type ScheduledTask, type TaskOutcome } from './schedule.ts';

const tasks: readonly ScheduledTask<string>[] = [
  { id: 'a', inputs: [] },
  { id: 'b', inputs: ['a'] },
  { id: 'c', inputs: ['b'] },
  { id: 'd', inputs: [] },
  { id: 'e', inputs: ['d', 'outside'] },
];

async function play(failing: readonly string[], options: { workers?: number; continueOnError?: boolean } = {}) {
  const ran: string[] = [];
  const skipped: string[] = [];
  let together = 0;
  let most = 0;
  await runSchedule(tasks, {
    workers: options.workers ?? 1,
    continueOnError: options.continueOnError ?? false,
    signal: new AbortController().signal,
    run: async id => {
      together += 1;
      most = Math.max(most, together);
      await Promise.resolve();
      ran.push(id);
      together -= 1;
      return (failing.includes(id) ? 'failed' : 'done') satisfies TaskOutcome;
    },
    skip: (id, because) => skipped.push(`${id}: ${because.failed}${because.depends ? '' : ' (unrelated)'}`),
  });
  return { ran, skipped, most };
}

describe('runSchedule', () => {
  it('runs every task once, inputs first', async () => {
    expect(await play([])).toEqual({ ran: ['a', 'd', 'b', 'e', 'c'], skipped: [], most: 1 });
  });

  it('starts nothing after a failure, and names the failed task', async () => {
    expect(await play(['a'])).toEqual({
      ran: ['a'],
      skipped: ['b: a', 'c: a', 'd: a (unrelated)', 'e: a (unrelated)'],
      most: 1,
    });
  });

  it('continues with independent tasks on request', async () => {
    expect(await play(['a'], { continueOnError: true })).toEqual({
      ran: ['a', 'd', 'e'],
      skipped: ['b: a', 'c: a'],
      most: 1,
    });
  });

  it('runs as many tasks at once as there are workers', async () => {
    expect((await play([], { workers: 2 })).most).toBe(2);
  });

  it('starts another task when one is free, and dependent tasks when it has ended', async () => {
    const seen: string[] = [];
    let endA = (): void => undefined;
    const aEnds = new Promise<void>(resolve => (endA = resolve));
    await runSchedule(tasks, {
      workers: 1,
      continueOnError: false,
      signal: new AbortController().signal,
      run: async (id, free) => {
        seen.push(`${id} begins`);
        free();
        if (id === 'a') await aEnds;
        if (id === 'e') endA();
        seen.push(`${id} ends`);
        return 'done';
      },
      skip: () => expect.unreachable(),
    });
    expect(seen).toEqual([
      'a begins',
      'd begins',
      'd ends',
      'e begins',
      'e ends',
      'a ends',
      'b begins',
      'b ends',
      'c begins',
      'c ends',
    ]);
  });
});
