import { join } from 'node:path';
import { generateNodes, statementsByHand, writeProject } from '../generated-project.ts';
import { interleave } from '../interleave.ts';
import { type Bench, type Figure, type Measure, ratioFigure, seconds } from '../measure.ts';
import { bareDuckdb, seeknal } from '../processes.ts';

const COUNT = 1000;
const QUICK_COUNT = 100;

/** A project of a thousand small nodes: its first build, and commands that find nothing to do. */
export const thousandNodes: Measure = {
  name: 'thousand-nodes',
  async run(bench) {
    const nodes = generateNodes(bench.quick ? QUICK_COUNT : COUNT);
    const [project, first] = await buildOften(bench, nodes);
    const times = await interleave(bench.quick ? 1 : 3, {
      plan: async () => (await seeknal(project, 'env', 'plan', 'dev')).seconds,
      run: async () => (await seeknal(project, 'run')).seconds,
    });
    const unchanged = (command: string, time: number): Figure => ({
      what: `\`${command}\` of the same project without changes`,
      measured: seconds(time),
      against: `${((100 * time) / first.own).toFixed(1)} % of the first build`,
      goal: null,
      met: true,
    });
    return [
      ratioFigure(`first build of ${nodes.length} nodes`, {
        ...first,
        against: 'the same statements in bare DuckDB',
        goal: 1.25,
      }),
      unchanged('env plan', times.plan),
      unchanged('run', times.run),
    ];
  },
};

async function buildOften(bench: Bench, nodes: ReturnType<typeof generateNodes>) {
  let project = '';
  const times = await interleave(bench.quick ? 1 : 3, {
    own: async () => {
      project = bench.folder();
      writeProject(project, nodes);
      return (await seeknal(project, 'run')).seconds;
    },
    other: async () => {
      const folder = bench.folder();
      writeProject(join(folder, 'project'), nodes);
      return (await bareDuckdb(folder, { statements: statementsByHand(join(folder, 'project'), nodes, folder) }))
        .seconds;
    },
  });
  return [project, times] as const;
}
