import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlan, type Candidate, type SourceDecision, summarise } from '../core/plan/build-plan.ts';
import type { Decision } from '../core/plan/decision.ts';
import type { InputRead, NodeAnalysis } from '../core/plan/analysis.ts';
import type { NodeVersion } from '../core/plan/node-change.ts';
import type { SourceReading } from '../core/plan/source-reading.ts';
import { definitionHash } from '../core/definition/nodes/definition-hash.ts';
import type { PlanSummary } from '../core/documents/plan-document.ts';
import { descendantsOf } from '../core/graph/graph.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { checkDeclaredColumns } from '../core/definition/nodes/check-declared-columns.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { NodeParameters } from '../core/parameters/node-parameters.ts';
import { type AnalysedGraph, analyseGraph } from '../analysis/analyse-graph.ts';
import type { FailureText } from '../diagnostics/failure-text.ts';
import { definitionOf, type DesiredNode } from '../core/definition/nodes/desired-node.ts';
import { framed } from '../project/framed.ts';
import { assertValid } from '../project/load-project.ts';
import { explainLost } from './earlier-reading.ts';
import type { PlanRequest } from './plan-request.ts';
import { type BaseNode, readBase } from './read-base.ts';
import { edgesOf, refuseEmpty, surveySources, withFileColumns } from './survey-sources.ts';
import { Comparisons } from './comparisons.ts';
import { CandidateFinder } from './candidate-finder.ts';

export interface MadePlan {
  readonly decisions: readonly Decision[];
  readonly summary: PlanSummary;
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  /** What the environment points to before the plan is carried out. */
  readonly shown: ReadonlyMap<NodeId, GenerationNode>;
  readonly desired: ReadonlyMap<NodeId, DesiredNode>;
  readonly sources: ReadonlyMap<NodeId, SourceDecision>;
  readonly readings: ReadonlyMap<NodeId, SourceReading>;
  /** Sources whose files cannot be read, and why: an apply fails them at their turn. */
  readonly unreadable: ReadonlyMap<NodeId, FailureText>;
  /** What reads an unreadable source, directly or not, with that source. Nothing is known of these nodes. */
  readonly blocked: ReadonlyMap<NodeId, NodeId>;
  /** What nodes that keep the base's artefact mean. */
  readonly held: ReadonlyMap<NodeId, BaseNode>;
  /** Nodes that make new artefacts, whatever exists. */
  readonly remake: ReadonlySet<NodeId>;
  /** Artefacts that may serve a node, best first. */
  candidates(id: NodeId, analysis: NodeAnalysis): readonly Candidate[];
  /** Those of unreadable sources included. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Mistakes of definitions, which stop an apply; an unreadable source only stops what reads it. */
export const definitionMistakes = ({ diagnostics, unreadable }: MadePlan): readonly Diagnostic[] =>
  diagnostics.filter(entry => !unreadable.has((entry.node ?? '') as NodeId));

/** Throws every mistake, unless all errors are sources that cannot be read. */
export function assertCanStart(made: MadePlan): void {
  if (hasErrors(definitionMistakes(made))) assertValid(made.diagnostics);
}

/** Compares wanted definitions with a generation and decides what must run; reads the store and the sources, writes nothing. */
export async function makePlan(request: PlanRequest): Promise<MadePlan> {
  const { bench } = request;
  const base = await readBase(bench, request.base);
  const surveyed = await surveySources(request, base);
  const held = heldNodes(request, base);
  const remake = request.remake ?? new Set<NodeId>();
  const analyse = () =>
    analyseGraph({
      nodes: request.nodes.map(node => node.resolved),
      sources: surveyed.contents,
      fixed: new Map([...held].map(([id, node]) => [id, node.analysis])),
      cache: bench.analyses,
      answers: bench.answers,
      engine: bench.engineVersion,
      columnsBuilt: fingerprint => bench.columnsBuilt(fingerprint),
      session: () => bench.analysis(),
    });
  let graph = await analyse();
  if (refuseEmpty(request, surveyed, graph.diagnostics)) graph = await analyse();
  const bound = withValues(graph, request.nodes);
  const wanted = request.nodes.map(({ resolved }) => resolved.node);
  const lost = explainLost(graph.diagnostics, surveyed.readings, wanted);
  const versions = withFileColumns(bound, surveyed);
  const blocked = blockedBy(request.nodes, surveyed.unreadable);
  const desired = new Map(request.nodes.map(node => [node.resolved.node.id, node]));
  const shown = new Map((request.shown ?? request.base?.nodes ?? []).map(entry => [entry.id, entry]));
  const comparisons = new Comparisons(bench);
  const equal = (a: string, b: string, { columns, order }: Omit<InputRead, 'input'>) =>
    comparisons.equal(a, b, { columns, ordered: order });
  const finder = new CandidateFinder(bench, { base, shown, equal });
  const candidates = (id: NodeId, analysis: NodeAnalysis) => finder.find(id, analysis);
  const unknown = (id: NodeId): boolean => surveyed.unreadable.has(id) || blocked.has(id);
  const decide = () =>
    buildPlan({
      desired: [...versions.values()],
      base: new Map([...base].filter(([id]) => !unknown(id))),
      sources: surveyed.decisions,
      candidates,
      fileExists: file => existsSync(join(bench.root, file)),
      equal: (a, b, columns, order) => equal(a, b, { columns, order }),
      filledInAnew: id => filledInAnew(base.get(id)?.entry.parameters, desired.get(id)?.parameters),
      held: new Map([...held].map(([id, { artefact }]) => [id, { artefact, reason: request.held?.get(id) ?? '' }])),
      remake,
      shown: new Map([...shown].filter(([id]) => !unknown(id))),
      entryOf: id => entryOf(desired, id),
    });
  let decisions = decide();
  while ((await finder.checkRest()) || (await comparisons.compareRest())) decisions = decide();
  return {
    decisions,
    summary: summarise(decisions.map(decision => decision.plan)),
    versions,
    base,
    shown,
    desired,
    sources: surveyed.decisions,
    readings: surveyed.readings,
    unreadable: surveyed.unreadable,
    blocked,
    held,
    remake,
    candidates,
    diagnostics: framed(bench.root, [...surveyed.diagnostics, ...lost, ...declaredMistakes(bound)]),
  };
}

function blockedBy(
  nodes: readonly DesiredNode[],
  unreadable: ReadonlyMap<NodeId, FailureText>,
): ReadonlyMap<NodeId, NodeId> {
  const edges = edgesOf(nodes);
  const pairs = [...unreadable.keys()].toReversed().flatMap(source => {
    return descendantsOf(edges, [source]).map(id => [id, source] as const);
  });
  return new Map(pairs);
}

function entryOf(desired: ReadonlyMap<NodeId, DesiredNode>, id: NodeId): { definition: string; file: string } {
  const node = desired.get(id);
  if (!node) throw new Error(`${id} was never wanted`);
  return { definition: definitionHash(definitionOf(node)), file: node.resolved.node.file };
}

/** Parameters that come from the day and the machine, where they are not what the base was built with. */
function filledInAnew(before: NodeParameters | undefined, now: NodeParameters | undefined): readonly string[] {
  if (before === undefined || now === undefined) return [];
  const names = Object.keys({ ...before.variables, ...now.variables }).sort();
  const variables = names.filter(name => before.variables?.[name] !== now.variables?.[name]);
  return [...(before.date === now.date ? [] : ['today']), ...variables.map(name => `env:${name}`)];
}

function heldNodes({ held }: PlanRequest, base: ReadonlyMap<NodeId, BaseNode>): ReadonlyMap<NodeId, BaseNode> {
  return new Map([...base].filter(([id]) => held?.has(id) === true));
}

function withValues(graph: AnalysedGraph, nodes: readonly DesiredNode[]): ReadonlyMap<NodeId, NodeVersion> {
  const values = new Map(nodes.map(node => [node.resolved.node.id, node.values]));
  return new Map(
    [...graph.versions].map(([id, version]) => [id, { ...version, values: values.get(id) ?? {} }] as const),
  );
}

const declaredMistakes = (versions: ReadonlyMap<NodeId, NodeVersion>): readonly Diagnostic[] =>
  [...versions.values()].flatMap(version => checkDeclaredColumns(version.node, version.analysis.columns));
