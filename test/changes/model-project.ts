import { analyseGraph } from '../../src/analysis/analyse-graph.ts';
import type { AnalysisCache } from '../../src/analysis/analysis-cache.ts';
import { resolveProject } from '../../src/project/resolve-nodes.ts';
import type { ResolvedNode } from '../../src/core/definition/nodes/desired-node.ts';
import type { Answer } from '../../src/analysis/analyse-described.ts';
import type { AnalysisSession } from '../../src/engine/analysis/analysis-session.ts';
import type { NodeVersion } from '../../src/core/plan/node-change.ts';
import type { NodeId } from '../../src/core/definition/nodes/node.ts';
import { parseProject } from '../../src/core/definition/parse-project.ts';
import { nodeText } from './node-text.ts';
import type { SourceTable } from './source-pool.ts';

/** A graph with what the analysis says of it, or why it is refused. */
export interface Analysed {
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly refused: readonly string[];
}

export interface ModelTools {
  /** DuckDB's answers about queries, asked once. */
  readonly answers: Map<string, Answer>;
  readonly session: AnalysisSession;
  readonly tables: readonly SourceTable[];
}

/** Ids of the sources, and queries by name, each after those that it reads. */
export interface ModelProject {
  readonly sources: readonly string[];
  readonly queries: Readonly<Record<string, string>>;
}

/** Reads queries as a project of YAML files, without any disk, and analyses it. */
export async function analyseModel(tools: ModelTools, model: ModelProject, cache: AnalysisCache): Promise<Analysed> {
  const nodes = resolvedNodes(tools, model);
  const sources = new Map(
    tools.tables.map(table => [table.id as NodeId, { columns: table.columns, identity: `rows of ${table.name}` }]),
  );
  const { versions, diagnostics } = await analyseGraph({
    nodes,
    sources,
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

function resolvedNodes({ tables }: ModelTools, model: ModelProject): readonly ResolvedNode[] {
  const sources = tables
    .filter(table => model.sources.includes(table.id))
    .map(({ name }) => ({
      path: `seeknal/${name}.yml`,
      text: `kind: source\nname: ${name}\nsource: parquet\ntable: data/${name}.parquet\n`,
    }));
  const transforms = Object.entries(model.queries).map(([name, sql]) => ({
    path: `seeknal/${name}.yml`,
    text: nodeText(name, sql),
  }));
  const { project, diagnostics } = parseProject({
    project: { path: 'seeknal_project.yml', text: 'name: model\n' },
    nodes: [...sources, ...transforms],
    common: [],
    readText: () => null,
  });
  const world = {
    variables: {},
    cwd: '',
    home: '',
    now: () => new Date(0),
    signal: new AbortController().signal,
    emit: () => undefined,
  };
  const resolved = resolveProject(project, () => ({ date: '2024-01-01', overrides: {} }), world);
  const mistakes = [...diagnostics, ...resolved.diagnostics];
  if (mistakes.length > 0)
    throw new Error(`no project: ${mistakes[0]?.message}\n${transforms.map(({ text }) => text).join('\n')}`);
  return resolved.nodes.map(node => node.resolved);
}
