import { buildPlan, type Candidate, type SourceDecision, summarise } from '../../core/plan/build-plan.ts';
import type { Decision } from '../../core/plan/decision.ts';
import type { InputRead, NodeAnalysis } from '../../core/plan/analysis.ts';
import type { NodeVersion } from '../../core/plan/node-change.ts';
import { semanticDefinition } from '../../core/plan/definition-change.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { definitionHash } from '../../core/definition-hash.ts';
import type { PlanSummary } from '../../core/documents.ts';
import type { NodeId, SourceNode } from '../../core/project/node.ts';
import { checkDeclaredColumns } from '../../core/project/check-declared-columns.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { type DescribedSource, describeSource } from '../../sources/read-source.ts';
import type { Generation, GenerationNode, NodeParameters } from '../../store/records.ts';
import { damaged } from '../../store/stored-json.ts';
import { type AnalysedGraph, analyseGraph, type SourceContent } from '../analysis/analyse-graph.ts';
import { failureText } from '../execution/failure-text.ts';
import { definitionOf, type DesiredNode } from '../project/desired-node.ts';
import { framed } from '../project/framed.ts';
import { type BaseNode, readBase } from './read-base.ts';
import { readSourceState, type SourceState } from './source-state.ts';
import { sourceMistake } from './source-mistake.ts';
import { Comparisons } from './comparisons.ts';
import { CandidateFinder } from './usable-artefacts.ts';
import type { Workbench } from './workbench.ts';

export interface PlanRequest {
  readonly bench: Workbench;
  /** What a comparison starts from; null where there is no production yet. */
  readonly base: Generation | null;
  /** The definitions wanted, in the order of their ids. */
  readonly nodes: readonly DesiredNode[];
  /** Unchanged sources keep the base's artefact, so that only the change shows. */
  readonly pinSources: boolean;
  /** Nodes that run and make new artefacts, whatever exists. */
  readonly remake?: ReadonlySet<NodeId>;
  /** What the environment points to now; the base where it owns nothing. */
  readonly shown?: readonly GenerationNode[];
  /** Nodes that keep the base's artefact, whatever their inputs become, and why. */
  readonly held?: ReadonlyMap<NodeId, string>;
  /** Artefacts that hold the data of sources, where that is settled already. */
  readonly sourceArtefacts?: ReadonlyMap<NodeId, string>;
}

/** A source that is to be read, and what its files were when that was decided. */
export interface SourceReading {
  readonly node: SourceNode;
  readonly state: SourceState;
  readonly described: DescribedSource;
}

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
  /** What nodes that keep the base's artefact mean. */
  readonly held: ReadonlyMap<NodeId, BaseNode>;
  /** Nodes that make new artefacts, whatever exists. */
  readonly remake: ReadonlySet<NodeId>;
  /** Artefacts that may serve a node, best first. */
  candidates(id: NodeId, analysis: NodeAnalysis): readonly Candidate[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Compares wanted definitions with a generation and decides what must run; reads the store and the sources, writes nothing. */
export async function makePlan(request: PlanRequest): Promise<MadePlan> {
  const { bench } = request;
  const base = await readBase(bench, request.base);
  const surveyed = await surveySources(request, base);
  const held = heldNodes(request, base);
  const remake = request.remake ?? new Set<NodeId>();
  const graph = await analyseGraph({
    nodes: request.nodes.map(node => node.resolved),
    sources: surveyed.contents,
    fixed: new Map([...held].map(([id, node]) => [id, node.analysis])),
    cache: bench.analyses,
    answers: bench.answers,
    engine: bench.engineVersion,
    columnsBuilt: fingerprint => bench.columnsBuilt(fingerprint),
    session: () => bench.analysis(),
  });
  const versions = withValues(graph, request.nodes);
  const desired = new Map(request.nodes.map(node => [node.resolved.node.id, node]));
  const shown = new Map((request.shown ?? request.base?.nodes ?? []).map(entry => [entry.id, entry]));
  const comparisons = new Comparisons(bench);
  const equal = (a: string, b: string, { columns, order }: Omit<InputRead, 'input'>) =>
    comparisons.equal(a, b, { columns, ordered: order });
  const finder = new CandidateFinder(bench, { base, shown, equal });
  const candidates = (id: NodeId, analysis: NodeAnalysis) => finder.find(id, analysis);
  const decide = () =>
    buildPlan({
      desired: [...versions.values()],
      base,
      sources: surveyed.decisions,
      candidates,
      equal: (a, b, columns, order) => equal(a, b, { columns, order }),
      filledInAnew: id => filledInAnew(base.get(id)?.entry.parameters, desired.get(id)?.parameters),
      held: new Map([...held].map(([id, { artefact }]) => [id, { artefact, reason: request.held?.get(id) ?? '' }])),
      remake,
      shown,
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
    held,
    remake,
    candidates,
    diagnostics: framed(bench.root, [...surveyed.diagnostics, ...graph.diagnostics, ...declaredMistakes(versions)]),
  };
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

interface Survey {
  readonly decisions: Map<NodeId, SourceDecision>;
  readonly contents: Map<NodeId, SourceContent>;
  readonly readings: Map<NodeId, SourceReading>;
  readonly diagnostics: Diagnostic[];
}

/** Decides for every source whether an artefact holds its data; a missing file is a mistake with a place. */
async function surveySources(request: PlanRequest, base: ReadonlyMap<NodeId, BaseNode>): Promise<Survey> {
  const survey: Survey = { decisions: new Map(), contents: new Map(), readings: new Map(), diagnostics: [] };
  for (const { resolved } of request.nodes) {
    if (resolved.sql !== null) continue;
    try {
      await surveySource(resolved.node, { request, before: base.get(resolved.node.id) }, survey);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      survey.diagnostics.push(sourceMistake(resolved.node, failureText(error)));
    }
  }
  return survey;
}

interface Surroundings {
  readonly request: PlanRequest;
  readonly before: BaseNode | undefined;
}

async function surveySource(node: SourceNode, around: Surroundings, survey: Survey): Promise<void> {
  const { bench, pinSources, remake } = around.request;
  const full = remake?.has(node.id) === true;
  const { before } = around;
  const keep = (artefact: string, reason: string) => {
    const record = bench.store.artefact(artefact);
    if (!record) throw damaged(`target/store/ledger.jsonl, without the output of ${node.id},`);
    survey.decisions.set(node.id, { kind: 'keep', artefact, reason });
    survey.contents.set(node.id, { columns: record.columns, identity: record.identity });
  };
  const same = before !== undefined && sameReader(before, node);
  const whole = before !== undefined && (await bench.checks.isWhole(before.artefact));
  const settled = around.request.sourceArtefacts?.get(node.id);
  if (settled !== undefined)
    return keep(settled, settled === before?.artefact ? 'unchanged' : 'read in the environment');
  if (pinSources && same && whole && before)
    return keep(before.artefact, `production's data of ${before.at}; --refresh reads it again`);
  const held = around.request.held?.get(node.id);
  if (held !== undefined && before) return keep(before.artefact, held);
  const { root, hashes, world } = bench;
  const state = await readSourceState(node, { root, hashes, now: world.now() });
  const known = full ? [] : bench.store.artefactsNamed(state.fingerprint);
  for (const artefact of [...known].sort((a, b) => Number(b === before?.artefact) - Number(a === before?.artefact))) {
    if (await bench.checks.isWhole(artefact)) return keep(artefact, keepReason(before, same, artefact));
  }
  const session = await bench.execution();
  const described = await describeSource(session, { ...node, root, files: state.files });
  survey.readings.set(node.id, { node, state, described });
  survey.decisions.set(node.id, { kind: 'read', reason: readReason(before, same, full) });
  survey.contents.set(node.id, { columns: described.columns, identity: `pending-${state.fingerprint}` });
}

function readReason(before: BaseNode | undefined, same: boolean, full: boolean): string {
  if (!before) return 'new source';
  if (full) return 'made anew (--full)';
  return same ? 'its files changed' : 'its definition changed';
}

function keepReason(before: BaseNode | undefined, same: boolean, artefact: string): string {
  if (!same) return 'its data are in the store already';
  return artefact === before?.artefact ? 'unchanged' : 'its files changed; their data are in the store already';
}

const sameReader = (before: BaseNode, node: SourceNode): boolean =>
  canonicalJson(semanticDefinition(before.node.definition)) === canonicalJson(semanticDefinition(node.definition)) &&
  before.node.kind === 'source';
