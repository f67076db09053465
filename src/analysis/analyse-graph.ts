import type { NodeAnalysis, NodeRelation } from '../core/plan/analysis.ts';
import type { Column, NodeId, ProjectNode, TransformNode } from '../core/definition/nodes/node.ts';
import { edgesOf } from '../core/definition/nodes/node-edges.ts';
import { layersOf } from '../core/graph/graph.ts';
import type { ResolvedSql } from '../core/definition/sql/resolve-sql.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { AnalysisSession } from '../engine/analysis/analysis-session.ts';
import { type AnalysisCache, analysisKey } from './analysis-cache.ts';
import { analyseDescribed, type Answer, isLate, waitingAnalysis } from './analyse-described.ts';
import { contentAnalysis, type SourceContent } from './content-analysis.ts';
import type { ResolvedNode } from '../core/definition/nodes/desired-node.ts';

/** A node with its analysis. */
export interface AnalysedNode {
  readonly node: ProjectNode;
  readonly analysis: NodeAnalysis;
}

/** The input of the analysis of a graph. */
export interface AnalysisInput {
  readonly nodes: readonly ResolvedNode[];
  readonly sources: ReadonlyMap<NodeId, SourceContent>;
  /** Analyses of nodes whose output is pinned; their consumers use these. */
  readonly pinned?: ReadonlyMap<NodeId, NodeAnalysis>;
  readonly cache: AnalysisCache;
  /** DuckDB's answers by analysis key, kept for one command: the graph is analysed again after its sources were read. */
  readonly answers: Map<string, Answer>;
  readonly engine: string;
  /** Columns of the artefact under a fingerprint; null if there is none. */
  columnsBuilt(fingerprint: string): readonly Column[] | null;
  /** Opened at the first query that the cache does not know. */
  session(): Promise<AnalysisSession>;
}

/** The analysis of a graph. */
export interface AnalysedGraph {
  /** In dependency order; nodes with a mistake, and those below them, are missing. */
  readonly versions: ReadonlyMap<NodeId, AnalysedNode>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Schemas, fingerprints and lineage of a whole graph, without its data; layer by layer, so that DuckDB is asked in bulk. */
export async function analyseGraph(input: AnalysisInput): Promise<AnalysedGraph> {
  const walk = new GraphWalk(input);
  const byId = new Map(input.nodes.map(resolved => [resolved.node.id, resolved]));
  const layers = layersOf(edgesOf(input.nodes.map(({ node }) => node)));
  for (const layer of layers) {
    await walk.analyseLayer(layer.map(id => byId.get(id as NodeId)).filter(resolved => resolved !== undefined));
  }
  return { versions: inOrder(walk.versions, layers), diagnostics: walk.diagnostics };
}

/** Restores dependency order; within a layer, cached analyses were added first. */
function inOrder(
  versions: ReadonlyMap<NodeId, AnalysedNode>,
  layers: readonly (readonly string[])[],
): ReadonlyMap<NodeId, AnalysedNode> {
  const nodes = layers.flat().flatMap(id => versions.get(id as NodeId) ?? []);
  return new Map(nodes.map(version => [version.node.id, version]));
}

interface UnknownQuery {
  readonly node: TransformNode;
  readonly sql: ResolvedSql;
  readonly key: string;
}

class GraphWalk {
  readonly versions = new Map<NodeId, AnalysedNode>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #relations = new Map<NodeId, NodeRelation>();
  readonly #declared = new Set<NodeId>();
  readonly #input: AnalysisInput;

  constructor(input: AnalysisInput) {
    this.#input = input;
  }

  async analyseLayer(layer: readonly ResolvedNode[]): Promise<void> {
    const unknown: UnknownQuery[] = [];
    for (const resolved of layer) {
      if (resolved.kind !== 'query') this.#settleContent(resolved.node);
      else if (this.#inputsKnown(resolved.node)) {
        const late = this.#lateInput(resolved.node);
        if (late !== null) {
          this.#settle(resolved.node, waitingAnalysis(resolved.node, resolved.sql, late));
          continue;
        }
        const key = this.#keyOf(resolved.node, resolved.sql);
        const cached = this.#input.cache.find(key, this.#relations);
        if (cached) this.#settle(resolved.node, cached);
        else unknown.push({ node: resolved.node, sql: resolved.sql, key });
      }
    }
    if (unknown.length > 0) await this.#describe(unknown);
  }

  #settleContent(node: ProjectNode): void {
    const content = this.#input.sources.get(node.id);
    if (!content) return;
    this.#settle(node, contentAnalysis(node.id, content));
  }

  #settle(node: ProjectNode, found: NodeAnalysis): void {
    const analysis = this.#input.pinned?.get(node.id) ?? found;
    this.versions.set(node.id, { node, analysis });
    this.#relations.set(node.id, analysis.relation);
  }

  #inputsKnown(node: TransformNode): boolean {
    return node.inputs.every(input => this.#relations.has(input.id));
  }

  #lateInput(node: TransformNode): NodeId | null {
    const found = node.inputs.map(input => this.versions.get(input.id)?.analysis.late);
    return found.find(late => late !== undefined) ?? null;
  }

  #keyOf(node: TransformNode, sql: ResolvedSql): string {
    const text = JSON.stringify([...sql.prepare.map(statement => statement.text), sql.query.text]);
    const rows = node.inputs.map(({ id }) => this.versions.get(id)?.analysis.relation.rows);
    const inputs = node.inputs.map((input, index) => ({
      id: input.id,
      columns: this.#columnsOf(input.id),
      like: rows.indexOf(rows[index]),
    }));
    return analysisKey({ engine: this.#input.engine, text, inputs });
  }

  #columnsOf(id: NodeId): readonly Column[] {
    return this.versions.get(id)?.analysis.columns ?? [];
  }

  async #describe(unknown: readonly UnknownQuery[]): Promise<void> {
    const unanswered = unknown.filter(entry => !this.#input.answers.has(entry.key));
    if (unanswered.length > 0) await this.#ask(unanswered);
    for (const { node, sql, key } of unknown) {
      const answer = this.#input.answers.get(key);
      if (!answer) continue;
      const columnsBuilt = (fingerprint: string) => this.#input.columnsBuilt(fingerprint);
      const outcome = analyseDescribed({ node, sql, answer, inputs: this.#relations, columnsBuilt });
      this.diagnostics.push(...outcome.diagnostics);
      if (!outcome.analysis) continue;
      const { described } = answer;
      if (described.kind === 'described' && !isLate(described))
        this.#input.cache.add(key, outcome.analysis, this.#relations);
      this.#settle(node, outcome.analysis);
    }
  }

  async #ask(queries: readonly UnknownQuery[]): Promise<void> {
    const session = await this.#input.session();
    await this.#declareInputs(
      session,
      queries.map(entry => entry.node),
    );
    const answers = await session.describe(
      queries.map(({ sql, key }) => {
        const columns = this.#input.cache.computedColumns(key);
        return { prepare: sql.prepare, query: sql.query.text, ...(columns ? { columns } : {}) };
      }),
    );
    queries.forEach(({ key }, index) => {
      const described = answers[index];
      if (described) this.#input.answers.set(key, { described, local: null });
    });
  }

  /** Declares the tables that uncached queries read. */
  async #declareInputs(session: AnalysisSession, nodes: readonly TransformNode[]): Promise<void> {
    const missing = [...new Set(nodes.flatMap(node => node.inputs.map(input => input.id)))].filter(
      id => !this.#declared.has(id),
    );
    if (missing.length === 0) return;
    await session.declare(
      missing.map(id => {
        const version = this.versions.get(id);
        return { schema: version?.node.kind ?? '', name: version?.node.name ?? '', columns: this.#columnsOf(id) };
      }),
    );
    for (const id of missing) this.#declared.add(id);
  }
}
