import { describe, it, type TestContext } from 'vitest';
import type { Unavailable } from './unavailable.ts';

/** A `describe` that is skipped with the reason if something is unavailable; in CI it fails instead. */
export function describeAvailable(name: string, unavailable: Unavailable | null, body: () => void): void {
  describe(`${name}`, () => {
    if (unavailable === null) body();
    else it('can be tested here', context => leaveOut(context, unavailable.reason));
  });
}

function leaveOut(context: TestContext, reason: string): void {
  if (process.env['CI']) throw new Error(reason);
  context.skip(reason);
}
