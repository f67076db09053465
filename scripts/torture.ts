import { parseArgs } from 'node:util';
import { buildFixture, runChild } from '../test/faults/child-command.ts';
import {
  assertConverges,
  assertRepaired,
  assertOneVersion,
  type Prepared,
  prepareWithOutcome,
} from '../test/faults/convergence.ts';
import { type Step, tracedDisk } from '../test/faults/fault.ts';
import { runCommand } from '../test/faults/run-command.ts';
import { copyOf, removeRoot, removeRoots, SCENARIOS } from '../test/faults/scenarios.ts';
import { workTogether } from '../test/faults/together.ts';

// npm run torture -- [--kills N] [--seconds N]
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '60' } },
});
const KILLS = Number(values.kills);
const SECONDS = Number(values.seconds);

interface Victim extends Prepared {
  readonly steps: number;
}

async function victims(): Promise<readonly Victim[]> {
  const found: Victim[] = [];
  for (const scenario of Object.values(SCENARIOS)) {
    const prepared = await prepareWithOutcome(scenario);
    const steps: Step[] = [];
    await runCommand(copyOf(prepared.root), scenario.words, tracedDisk(steps));
    found.push({ ...prepared, steps: steps.length });
  }
  return found;
}

/** Kills one command at a random step, checks the repair by the next one, and repeats it. Throws if a check fails. */
async function killOnce(program: string, victim: Victim): Promise<boolean> {
  const root = copyOf(victim.root);
  const fault = {
    step: 1 + Math.floor(Math.random() * victim.steps),
    moment: Math.random() < 0.5 ? 'before' : 'after',
  };
  const { end, stderr } = await runChild(program, [root, JSON.stringify(fault), ...victim.scenario.words]);
  try {
    if (end !== 'SIGKILL' && end !== 0) throw new Error(`the command ended with ${end}: ${stderr}`);
    await assertRepaired(root, await assertOneVersion(root, victim));
    await assertConverges(root, victim);
  } catch (error) {
    throw new Error(`${victim.scenario.words.join(' ')}, killed ${fault.moment} step ${fault.step}, in ${root}`, {
      cause: error,
    });
  }
  removeRoot(root);
  return end === 'SIGKILL';
}

async function killMany(): Promise<void> {
  const { program, remove } = await buildFixture('seeknal.fixture.ts');
  const all = await victims();
  for (let killed = 0; killed < KILLS;) {
    const victim = all[Math.floor(Math.random() * all.length)];
    if (!victim || !(await killOnce(program, victim))) continue;
    killed += 1;
    if (killed % 50 === 0 || killed === KILLS) console.log(`${killed} of ${KILLS} killed, each repaired and repeated`);
  }
  remove();
}

await killMany();
const reports = await workTogether({ processes: 8, commands: Number.MAX_SAFE_INTEGER, seconds: SECONDS });
console.log(`8 processes for ${SECONDS} s: ${reports.length} commands, each done or refused with a reason`);
removeRoots();
