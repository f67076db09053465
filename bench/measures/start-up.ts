import { interleave } from '../interleave.ts';
import type { Measure } from '../measure.ts';
import { ratioFigure } from '../measure.ts';
import { node, seeknal } from '../processes.ts';
import { generateNodes, writeProject } from '../generated-project.ts';

const ROUNDS = 15;
const QUICK_ROUNDS = 5;

/** Commands that need no SQL, against Node without a program. */
export const startUp: Measure = {
  name: 'start-up',
  async run(bench) {
    const project = bench.folder();
    writeProject(project, generateNodes(20), 10);
    await seeknal(project, 'run');
    for (const name of ['dev', 'staging']) await seeknal(project, 'env', 'plan', name);
    const times = await interleave(bench.quick ? QUICK_ROUNDS : ROUNDS, {
      node: async () => (await node(['-e', '0'], project)).seconds,
      version: async () => (await seeknal(project, '--version')).seconds,
      list: async () => (await seeknal(project, 'env', 'list')).seconds,
    });
    const bare = { other: times.node, against: '`node -e 0`' };
    return [
      ratioFigure('`seeknal --version`', { own: times.version, ...bare, goal: 1.5 }),
      ratioFigure('`seeknal env list`', { own: times.list, ...bare, goal: 1.8 }),
    ];
  },
};
