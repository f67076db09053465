import { afterAll, describe, expect, it } from 'vitest';
import { assertConverges, assertRepaired, assertOneVersion, type Prepared, prepareWithOutcome } from './convergence.ts';
import { kindOf, type Refusal, refusingDisk, type Step, tracedDisk } from './fault.ts';
import type { Outcome } from '../support/run-binary.ts';
import { runCommand } from './run-command.ts';
import { copyOf, removeRoot, removeRoots, SCENARIOS, type ScenarioName } from './scenarios.ts';

afterAll(removeRoots);

const ERRNOS = ['ENOSPC', 'EIO', 'EACCES'] as const;

/** Kinds of operations that already failed for every reason. */
const known = new Set<string>();

/** Refuses each operation for one reason in turn; the first operation of each kind for every reason. */
async function refusals(prepared: Prepared): Promise<readonly Refusal[]> {
  const root = copyOf(prepared.root);
  const steps: Step[] = [];
  await runCommand(root, prepared.scenario.words, tracedDisk(steps));
  const met = new Map<string, number>();
  return steps.flatMap((step, index) => {
    const kind = kindOf(step, root);
    const nth = (met.get(kind) ?? 0) + 1;
    met.set(kind, nth);
    const isNew = !known.has(kind);
    known.add(kind);
    const reasons = isNew ? ERRNOS : [ERRNOS[index % ERRNOS.length] ?? 'EIO'];
    return reasons.map((errno): Refusal => ({ kind, nth, errno }));
  });
}

describe.each(Object.keys(SCENARIOS) as ScenarioName[])('%s, with any disk operation refused', name => {
  it(
    'reports it, shows one version, is repaired by the next command, and converges when repeated',
    { timeout: 900_000 },
    async () => {
      const prepared = await prepareWithOutcome(SCENARIOS[name]);
      for (const refusal of await refusals(prepared)) await failAndRepeat(prepared, refusal);
    },
  );
});

async function failAndRepeat(prepared: Prepared, refusal: Refusal): Promise<void> {
  const root = copyOf(prepared.root);
  try {
    await runRefused(root, prepared, refusal);
    await assertRepaired(root, await assertOneVersion(root, prepared));
    await assertConverges(root, prepared);
  } catch (error) {
    const { errno, kind, nth } = refusal;
    throw new Error(`${prepared.scenario.words.join(' ')}, ${errno} at ${kind} (${nth})`, { cause: error });
  }
  removeRoot(root);
}

/** Runs the command with a refusal. Writes are batched by time, so the operation may not occur; then nothing fails. */
async function runRefused(root: string, { scenario }: Prepared, refusal: Refusal): Promise<void> {
  let refused = false;
  const disk = refusingDisk(refusal, root, () => (refused = true));
  const outcome = await runCommand(root, scenario.words, disk);
  if (refused) assertReported(outcome, refusal.kind);
  else expect(outcome.code).toBe(0);
}

/** Operations whose failure does not affect the outcome: the cache, cleaning up, the lock's heartbeat and its release. */
const HARMLESS = /target\/cache|^removeTree target\/store\/tmp|^(unlink|removeFolder|setModified) target\/store\/lock/;

function assertReported({ code, stderr }: Outcome, kind: string): void {
  if (code === 0) return expect(kind).toMatch(HARMLESS);
  expect(code).toBe(1);
  expect(stderr).toMatch(/no space left on the disk|the disk reports an error|permission denied/);
  // A failed node is named with its reason; a failed command has a hint.
  expect(stderr).toMatch(/hint: |✗ \w+\.\w+: /);
  expect(stderr).not.toMatch(/bug|\n\s+at /);
}
