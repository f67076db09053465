import { generateNodes, type Variation, writeProject } from '../generated-project.ts';
import { median } from '../interleave.ts';
import { type Bench, type Figure, type Measure, seconds } from '../measure.ts';
import { seeknal } from '../processes.ts';

const SIZES = { count: 1000, changed: 950 };
const QUICK_SIZES = { count: 100, changed: 95 };
const GOAL = 0.6;
const BIG = 10_000_000;
const ROWS = 1000;

/** Promotes most of a project; the time must not depend on the amount of data. */
export const promotion: Measure = {
  name: 'promotion',
  async run(bench) {
    const few = await promoteOften(bench, {});
    const many = await promoteOften(bench, { big: bench.quick ? BIG / 100 : BIG });
    const { changed } = bench.quick ? QUICK_SIZES : SIZES;
    const figure = (rows: string, time: number, against: string): Figure => ({
      what: `promotion of ${changed} nodes, ${rows}`,
      measured: seconds(time),
      against,
      goal: `≤ ${GOAL} s`,
      met: time <= GOAL,
    });
    return [
      figure(`${ROWS} rows in each`, few, 'including start-up'),
      figure(
        `${bench.quick ? BIG / 100 : BIG} rows in one of them`,
        many,
        `${(many / few).toFixed(2)} × of ${ROWS} rows`,
      ),
    ];
  },
};

/** Switches between two versions, so that most artefacts are reused. Returns the median seconds of a promotion. */
async function promoteOften(bench: Bench, variation: Variation): Promise<number> {
  const { count, changed } = bench.quick ? QUICK_SIZES : SIZES;
  const versions = [generateNodes(count, { ...variation, changed }), generateNodes(count, variation)];
  const project = bench.folder();
  writeProject(project, generateNodes(count, variation), ROWS);
  await seeknal(project, 'run');
  const times: number[] = [];
  for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
    bench.say(`preparing promotion ${round + 1}…`);
    writeProject(project, versions[round % 2] ?? [], ROWS);
    await seeknal(project, 'env', 'plan', 'dev');
    await seeknal(project, 'env', 'apply', 'dev');
    times.push((await seeknal(project, 'env', 'promote', 'dev', '--yes', '--allow-revert')).seconds);
  }
  return median(times);
}
