import { afterAll, describe, expect, it } from 'vitest';
import { buildFixture, runChild } from './child-command.ts';
import { assertConverges, assertMended, assertOneVersion, type Prepared, prepareWithOutcome } from './convergence.ts';
import { type Fault, faultyDisk, kindOf, type Step, tracedDisk } from './fault.ts';
import { type Outcome, runCommand } from './run-command.ts';
import { copyOf, removeRoot, removeRoots, SCENARIOS, type ScenarioName } from './scenarios.ts';

afterAll(removeRoots);

const ERRNOS = ['ENOSPC', 'EIO', 'EACCES'] as const;

interface Refusal extends Fault {
  readonly kind: string;
}

/** Every step is refused for one reason after the other, the first of each kind for every reason. */
async function refusals(prepared: Prepared): Promise<readonly Refusal[]> {
  const root = copyOf(prepared.root);
  const steps: Step[] = [];
  await runCommand(root, prepared.scenario.words, tracedDisk(steps));
  const kinds = steps.map(step => kindOf(step, root));
  return kinds.flatMap((kind, index) => {
    const reasons = kinds.indexOf(kind) === index ? ERRNOS : [ERRNOS[index % ERRNOS.length] ?? 'EIO'];
    return reasons.map((errno): Refusal => ({ step: index + 1, moment: 'refuse', errno, kind }));
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
    await assertMended(root, await assertOneVersion(root, prepared));
    await assertConverges(root, prepared);
  } catch (error) {
    const { errno, step, kind } = refusal;
    throw new Error(`${prepared.scenario.words.join(' ')}, ${errno} at step ${step}, ${kind}`, { cause: error });
  }
  removeRoot(root);
}

/**
 * A lock that could not be let go is that of a dead owner only once the process has ended. Steps may overlap: which one is
 * refused is known once it is, and where there are fewer than before, none is.
 */
async function performAndTell(root: string, { scenario }: Prepared, refusal: Refusal): Promise<void> {
  if (refusal.kind.includes('/lock')) {
    const { program, remove } = await buildFixture('seeknal.fixture.ts');
    const { end, ...texts } = await runChild(program, [root, JSON.stringify(refusal), ...scenario.words]);
    remove();
    return assertTold({ code: Number(end), ...texts }, refusal.kind);
  }
  let refused: Step | null = null;
  const outcome = await runCommand(
    root,
    scenario.words,
    faultyDisk(refusal, step => (refused = step)),
  );
  if (refused === null) expect(outcome.code).toBe(0);
  else assertTold(outcome, kindOf(refused, root));
}

/** What failing to does not change the outcome: the cache, what is left to recovery, and letting go of the lock. */
const HARMLESS = /target\/cache|^removeTree target\/store\/tmp|^(unlink|removeFolder) target\/store\/lock/;

function assertTold({ code, stderr }: Outcome, kind: string): void {
  if (code === 0) return expect(kind).toMatch(HARMLESS);
  expect(code).toBe(1);
  expect(stderr).toMatch(/no space left on the disk|the disk reports an error|permission denied/);
  // A node that failed is named with the reason, a command with what to do.
  expect(stderr).toMatch(/hint: |✗ \w+\.\w+: /);
  expect(stderr).not.toMatch(/bug|\n\s+at /);
}
