import type { NodeId, ProjectNode } from '../../src/core/definition/nodes/node.ts';
import { analyseGraph } from '../../src/analysis/analyse-graph.ts';
import type { SourceContent } from '../../src/analysis/content-analysis.ts';
import { loadValidProject } from '../../src/project/load-project.ts';
import { freshParameters } from '../../src/project/parameters/given-parameters.ts';
import { resolveProject } from '../../src/project/parameters/resolve-nodes.ts';
import type { World } from '../../src/core/world.ts';
import { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import { engineVersion } from '../../src/engine/engine-version.ts';
import { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import { Cache } from '../../src/store/cache.ts';
import { generateNodes, type Variation, writeProject } from '../generated-project.ts';
import { interleave } from '../interleave.ts';
import { type Bench, type Figure, type Measure, ratioFigure } from '../measure.ts';

const COUNTS = [100, 1000, 5000];
const QUICK_COUNTS = [100];
const TENTH = 0.1;

/** Time to find schemas, fingerprints and lineage of a project: the first time, and after one node changed. */
export const analysis: Measure = {
  name: 'analysis',
  async run(bench) {
    const figures: Figure[] = [];
    for (const count of bench.quick ? QUICK_COUNTS : COUNTS) figures.push(await measureCount(bench, count));
    return figures;
  },
};

async function measureCount(bench: Bench, count: number): Promise<Figure> {
  const before = bench.folder();
  writeProject(before, generateNodes(count), 0);
  await analyse(before, { cached: false });
  const times = await interleave(bench.quick ? 2 : 3, {
    cold: () => analyse(before, { cached: false }),
    warm: async round => {
      const project = changeOne(bench, count, round);
      keepCache(before, project);
      return analyse(project, { cached: true });
    },
  });
  return ratioFigure(`analysis of ${count} nodes, one of them changed`, {
    own: times.warm,
    other: times.cold,
    against: 'first analysis',
    goal: TENTH,
  });
}

/** Changes another node in the middle each time, so that the change reaches some nodes but not all. */
function changeOne(bench: Bench, count: number, round: number): string {
  const nodes = generateNodes(count);
  const changedNode = nodes[Math.floor(count / 2) + round * 3]?.id;
  const variation: Variation = changedNode === undefined ? {} : { changedNode };
  const project = bench.folder();
  writeProject(project, generateNodes(count, variation), 0);
  return project;
}

function keepCache(from: string, to: string): void {
  const text = new Cache(from).read('analysis.json');
  if (text !== null) new Cache(to).write('analysis.json', text);
}

/** Seconds from opening the cache to the last fingerprint; does not include the start of DuckDB. */
async function analyse(root: string, { cached }: { readonly cached: boolean }): Promise<number> {
  const { project } = loadValidProject(root);
  const fresh = freshParameters(WORLD, {});
  const { nodes } = resolveProject(project, () => fresh, WORLD);
  if (!cached) new Cache(root).write('analysis.json', '[]');
  const duckdb = await AnalysisSession.open();
  const started = performance.now();
  const kept = new Cache(root);
  const cache = new AnalysisCache(kept.read('analysis.json'));
  const graph = await analyseGraph({
    nodes: nodes.map(node => node.resolved),
    sources: sourceContents(project.nodes),
    cache,
    answers: new Map(),
    engine: engineVersion(),
    columnsBuilt: () => null,
    session: () => Promise.resolve(duckdb),
  });
  const taken = (performance.now() - started) / 1000;
  if (graph.versions.size !== nodes.length) throw new Error(`only ${graph.versions.size} nodes could be analysed`);
  const text = cache.render();
  if (text !== null) kept.write('analysis.json', text);
  duckdb.close();
  return taken;
}

const COLUMNS = [
  { name: 'id', type: 'BIGINT' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'day', type: 'DATE' },
  { name: 'value', type: 'BIGINT' },
  { name: 'high', type: 'BOOLEAN' },
];

const sourceContents = (nodes: readonly ProjectNode[]): ReadonlyMap<NodeId, SourceContent> =>
  new Map(
    nodes.filter(node => node.kind === 'source').map(({ id }) => [id, { columns: COLUMNS, identity: `rows of ${id}` }]),
  );

const WORLD: World = {
  cwd: '/',
  home: '/',
  variables: {},
  now: () => new Date(),
  signal: new AbortController().signal,
  emit: () => undefined,
};
