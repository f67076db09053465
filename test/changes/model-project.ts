import { analyseGraph } from '../../src/analysis/analyse-graph.ts';
import type { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import type { Answer } from '../../src/analysis/analyse-described.ts';
import type { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import type { NodeVersion } from '../../src/core/plan/changes/node-change.ts';
import type { NodeId } from '../../src/core/definition/nodes/node.ts';
import { contentsOf, desiredNodes, project, type Sketch } from '../../src/planning/project.testing.ts';
import type { SourceTable } from './source-pool.ts';

/** A graph with its analysis, or the reason why it is refused. */
export interface Analysed {
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly refused: readonly string[];
}

export interface ModelTools {
  /** DuckDB's answers about queries, which are asked only once. */
  readonly answers: Map<string, Answer>;
  readonly session: AnalysisSession;
  readonly tables: readonly SourceTable[];
}

/** Ids of the sources, and queries by name in dependency order. */
export interface ModelProject {
  readonly sources: readonly string[];
  readonly queries: Readonly<Record<string, string>>;
}

/** Analyses queries as a project of YAML files, without a disk. */
export async function analyseModel(tools: ModelTools, model: ModelProject, cache: AnalysisCache): Promise<Analysed> {
  const sketch = sketchOf(tools, model);
  const { versions, diagnostics } = await analyseGraph({
    nodes: desiredNodes(sketch).map(({ resolved }) => resolved),
    sources: contentsOf(sketch),
    cache,
    answers: tools.answers,
    engine: 'test',
    columnsBuilt: () => null,
    session: () => Promise.resolve(tools.session),
  });
  return {
    versions: new Map([...versions].map(([id, version]) => [id, { ...version, values: {} }])),
    refused: diagnostics.map(diagnostic => `${diagnostic.node}: ${diagnostic.message}`),
  };
}

function sketchOf({ tables }: ModelTools, model: ModelProject): Sketch {
  const used = tables.filter(table => model.sources.includes(table.id));
  const sources = used.reduce(
    (sketch, { name, columns }) =>
      sketch.source(name, columns.map(column => `${column.name} ${column.type}`).join(', ')),
    project(),
  );
  return Object.entries(model.queries).reduce((sketch, [name, sql]) => sketch.transform(name, sql), sources);
}
