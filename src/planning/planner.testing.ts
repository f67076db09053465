import { afterAll } from 'vitest';
import { analyseGraph } from '../analysis/analyse-graph.ts';
import { AnalysisCache } from '../analysis/analysis-cache.ts';
import type { Answer } from '../analysis/analyse-described.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type { PlanNode, PlanSummary } from '../core/documents/plan-document.ts';
import type { PlanAction } from '../core/plan/action.ts';
import type { NodeAnalysis } from '../core/plan/analysis.ts';
import { buildPlan, summarise } from '../core/plan/build-plan.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';
import { AnalysisSession } from '../engine/analysis/analysis-session.ts';
import { type Built, type BuiltNode, storedNode } from './built.testing.ts';
import { withColumns } from './sources/earlier-reading.ts';
import { columnsIn, contentsOf, desiredNodes, type Sketch } from './project.testing.ts';
import { planInput, type Situation, storeOf } from './situation.testing.ts';

export interface BuildOptions {
  /** Suffix of the artefact names. */
  readonly called?: string;
  /** An earlier build whose artefacts are in the store; those with an equal fingerprint are reused. */
  readonly over?: Built;
  /** Columns that depend on data, by node: `k VARCHAR, a BIGINT`. */
  readonly columns?: Readonly<Record<string, string>>;
}

export interface Planned {
  readonly actions: readonly PlanAction[];
  readonly summary: PlanSummary;
  /** One line per node; see `describeAction`. */
  readonly lines: readonly string[];
  line(id: string): PlanNode;
}

export interface Planner {
  /** Builds a whole project. */
  built(project: Sketch, options?: BuildOptions): Promise<Built>;
  plan(after: Sketch, situation?: Situation): Promise<Planned>;
}

interface Known {
  columnsBuilt(fingerprint: string): readonly Column[] | null;
  /** Nodes that keep an artefact even if their inputs change. */
  readonly pinned: ReadonlyMap<NodeId, NodeAnalysis>;
}

type Analyse = (project: Sketch, known: Known) => Promise<ReadonlyMap<NodeId, NodeVersion>>;

/** Plans sketches in memory, with one DuckDB for the tests of a file. Call it once, at the top. */
export function planner(): Planner {
  const cache = new AnalysisCache(null);
  const answers = new Map<string, Answer>();
  let session: Promise<AnalysisSession> | null = null;
  afterAll(async () => (await session)?.close());
  const analyse: Analyse = async (project, known) => {
    const desired = desiredNodes(project);
    const { versions, diagnostics } = await analyseGraph({
      nodes: desired.map(({ resolved }) => resolved),
      sources: contentsOf(project),
      cache,
      answers,
      engine: 'test',
      ...known,
      session: () => (session ??= AnalysisSession.open()),
    });
    if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    const values = new Map(desired.map(node => [node.resolved.node.id, node.values]));
    return new Map([...versions].map(([id, version]) => [id, { ...version, values: values.get(id) ?? {} }]));
  };
  return {
    built: (project, options = {}) => build(project, options, analyse),
    plan: (after, situation = {}) => planFrom(after, situation, analyse),
  };
}

async function build(
  project: Sketch,
  { called = 'production', over, columns = {} }: BuildOptions,
  analyse: Analyse,
): Promise<Built> {
  const unknown = await analyse(project, { columnsBuilt: () => null, pinned: new Map() });
  const late = new Map(
    Object.entries(columns).map(([id, text]) => [unknown.get(id as NodeId)?.analysis.fingerprint, columnsIn(text)]),
  );
  const columnsBuilt = (fingerprint: string) => late.get(fingerprint) ?? null;
  const versions = await analyse(project, { columnsBuilt, pinned: new Map() });
  const nodes = new Map<NodeId, BuiltNode>();
  for (const desired of desiredNodes(project)) {
    const { id } = desired.resolved.node;
    const version = versions.get(id);
    if (!version) throw new Error(`${id} was not analysed`);
    const known = over?.store.find(({ fingerprint }) => fingerprint === version.analysis.fingerprint)?.id;
    const artefact = contentsOf(project).get(id)?.identity ?? known ?? `${id} of ${called}`;
    nodes.set(id, { version, desired, artefact });
  }
  return { nodes, store: [...nodes.values()].map(node => storedNode(node, nodes)) };
}

async function planFrom(after: Sketch, situation: Situation, analyse: Analyse): Promise<Planned> {
  const store = storeOf(situation);
  const pinned = [...(situation.production?.nodes ?? [])].filter(([id]) => situation.pinned?.[id] !== undefined);
  const versions = await analyse(after, {
    columnsBuilt: fingerprint => store.find(artefact => artefact.fingerprint === fingerprint)?.columns ?? null,
    pinned: new Map(pinned.map(([id, { version }]) => [id, version.analysis])),
  });
  const refused = new Map(
    [...versions].map(([id, version]) => [id, asInFiles(version, situation.refused?.[id])] as const),
  );
  const actions = buildPlan(planInput(after, refused, situation));
  return {
    actions,
    summary: summarise(actions),
    lines: actions.map(describeAction),
    line: id => {
      const action = actions.find(other => other.id === id);
      if (!action) throw new Error(`${id} is not planned`);
      return action.line;
    },
  };
}

/** A refused source with the columns of its files; its readers are bound against the earlier columns. */
const asInFiles = (version: NodeVersion, columns: string | undefined): NodeVersion =>
  columns === undefined ? version : withColumns(version, columnsIn(columns), 'rows of the refused files');

/**
 * Id, change, category, action and reason, as in `transform.a  modified  breaking  run  its definition changed`. A reused
 * node that moves is `reuse, moves`; a node to verify is `verify`.
 */
export function describeAction({ id, kind, line }: PlanAction): string {
  const [change, category] = [line.change, line.category ?? '-'];
  const moves = kind === 'reuse' && line.moves ? ', moves' : '';
  return [id, change, category, `${DONE[kind]}${moves}`, line.reason].join('  ');
}

const DONE: Readonly<Record<PlanAction['kind'], string>> = {
  'read-source': 'read',
  execute: 'run',
  'verify-then-reuse': 'verify',
  reuse: 'reuse',
  remove: 'remove',
};
