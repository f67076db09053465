import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFixture, type Fixture, runChild } from './child-command.ts';
import { assertConverges, assertRepaired, assertOneVersion, type Prepared, prepareWithOutcome } from './convergence.ts';
import { type Death, type Step, tracedDisk } from './fault.ts';
import { runCommand } from './run-command.ts';
import { copyOf, removeRoot, removeRoots, SCENARIOS, type ScenarioName } from './scenarios.ts';

let fixture: Fixture;
beforeAll(async () => void (fixture = await buildFixture('seeknal.fixture.ts')));
afterAll(() => {
  fixture.remove();
  removeRoots();
});

/** One before every operation, and one after the last. */
async function deaths(prepared: Prepared): Promise<readonly Death[]> {
  const steps: Step[] = [];
  await runCommand(copyOf(prepared.root), prepared.scenario.words, tracedDisk(steps));
  const before = steps.map((_, index): Death => ({ step: index + 1, moment: 'before' }));
  return [...before, { step: steps.length, moment: 'after' }];
}

describe.concurrent.each(Object.keys(SCENARIOS) as ScenarioName[])('%s, killed at any step', name => {
  it(
    'shows one version, is repaired by the next command, and converges when repeated',
    { timeout: 900_000 },
    async () => {
      const prepared = await prepareWithOutcome(SCENARIOS[name]);
      const all = await deaths(prepared);
      expect(all.length).toBeGreaterThan(12);
      let died = 0;
      for (const death of all) if (await dieAndRecover(prepared, death)) died += 1;
      expect(died).toBeGreaterThan(all.length / 2);
    },
  );
});

/** Returns false if the command ended first: the number of operations varies, since writes are batched by time. */
async function dieAndRecover(prepared: Prepared, death: Death): Promise<boolean> {
  const root = copyOf(prepared.root);
  const { end, stderr } = await runChild(fixture.program, [root, JSON.stringify(death), ...prepared.scenario.words]);
  try {
    expect(['SIGKILL', 0], stderr).toContain(end);
    const production = await assertOneVersion(root, prepared);
    await assertRepaired(root, production);
    await assertConverges(root, prepared);
  } catch (error) {
    throw new Error(`${prepared.scenario.words.join(' ')}, killed ${death.moment} step ${death.step}`, {
      cause: error,
    });
  }
  removeRoot(root);
  return end === 'SIGKILL';
}
