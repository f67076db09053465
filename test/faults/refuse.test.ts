import { afterAll, describe, expect, it } from 'vitest';
import { assertConverges, assertRepaired, assertOneVersion, type Prepared, prepareWithOutcome } from './convergence.ts';
import { kindOf, type Refusal, refusingDisk, type Step, tracedDisk } from './fault.ts';
import type { Outcome } from '../support/run-binary.ts';
import { runCommand } from './run-command.ts';
import { copyOf, removeRoot, removeRoots, SCENARIOS, type ScenarioName } from './scenarios.ts';

afterAll(removeRoots);

const ERRNOS = ['ENOSPC', 'EIO', 'EACCES'] as const;

/** Kinds of steps that were refused for every reason, by whichever command took them first. */
const known = new Set<string>();

/** Every step is refused for one reason after the other; the first step of each kind is refused for every reason. */
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

describe.each(Object.keys(SCENARIOS) as ScenarioName[])('%s, refused any step by the operating system', name => {
  it(
    'says so, shows one version, is mended by the next command, and converges when repeated',
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
    await performAndTell(root, prepared, refusal);
    await assertRepaired(root, await assertOneVersion(root, prepared));
    await assertConverges(root, prepared);
  } catch (error) {
    const { errno, kind, nth } = refusal;
    throw new Error(`${prepared.scenario.words.join(' ')}, ${errno} at ${kind} (${nth})`, { cause: error });
  }
  removeRoot(root);
}

/** What is written at once, and so how often, depends on time: where there are fewer steps of a kind than before, none is refused. */
async function performAndTell(root: string, { scenario }: Prepared, refusal: Refusal): Promise<void> {
  let refused = false;
  const disk = refusingDisk(refusal, root, () => (refused = true));
  const outcome = await runCommand(root, scenario.words, disk);
  if (refused) assertTold(outcome, refusal.kind);
  else expect(outcome.code).toBe(0);
}

/** What failing to does not change the outcome: the cache, what is left to recovery, the lock's heartbeat, and letting go of it. */
const HARMLESS = /target\/cache|^removeTree target\/store\/tmp|^(unlink|removeFolder|setModified) target\/store\/lock/;

function assertTold({ code, stderr }: Outcome, kind: string): void {
  if (code === 0) return expect(kind).toMatch(HARMLESS);
  expect(code).toBe(1);
  expect(stderr).toMatch(/no space left on the disk|the disk reports an error|permission denied/);
  // A node that failed is named with the reason, a command with what to do.
  expect(stderr).toMatch(/hint: |✗ \w+\.\w+: /);
  expect(stderr).not.toMatch(/bug|\n\s+at /);
}
