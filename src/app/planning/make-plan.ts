import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlan, type Candidate, type SourceDecision, summarise } from '../../core/plan/build-plan.ts';
import type { Decision } from '../../core/plan/decision.ts';
import type { InputRead, NodeAnalysis } from '../../core/plan/analysis.ts';
import type { NodeVersion } from '../../core/plan/node-change.ts';
import { definitionHash } from '../../core/definition-hash.ts';
import type { PlanSummary } from '../../core/documents.ts';
import { descendantsOf } from '../../core/graph/graph.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Column, NodeId, SourceNode } from '../../core/project/node.ts';
import { checkDeclaredColumns } from '../../core/project/check-declared-columns.ts';
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { EarlierReading } from '../../sources/reader-call.ts';
import { emptyFault, refusal } from '../../sources/check-files.ts';
import { type DescribedSource, describeSource } from '../../sources/read-source.ts';
import { asSourceError } from '../../sources/unreadable.ts';
import type { Generation, GenerationNode, NodeParameters } from '../../store/records.ts';
import { damaged } from '../../store/stored-json.ts';
import { type AnalysedGraph, analyseGraph, type SourceContent } from '../analysis/analyse-graph.ts';
import { type FailureText, failureText } from '../execution/failure-text.ts';
import { definitionOf, type DesiredNode } from '../project/desired-node.ts';
import { framed } from '../project/framed.ts';
import { assertValid } from '../project/load-project.ts';
import {
  earlierReading,
  explainLost,
  offeredColumns,
  refusalOf,
  schemaReason,
  withColumns,
} from './earlier-reading.ts';
import { pinnedSource } from './pinned-source.ts';
import { type BaseNode, readBase } from './read-base.ts';
import { readerText, readSourceState, type SourceState } from './source-state.ts';
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
  readonly earlier: EarlierReading | null;
  /** Why it is not read after all; null where nothing stands against it. */
  readonly refusal: ToolError | null;
  /** The columns that consumers are bound against. */
  readonly columns: readonly Column[];
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

const edgesOf = (nodes: readonly DesiredNode[]) =>
  nodes.map(({ resolved: { node } }) => ({ id: node.id, inputs: node.inputs.map(input => input.id) }));

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

/** What a refused source is compared with the base by. */
function withFileColumns(bound: ReadonlyMap<NodeId, NodeVersion>, survey: Survey): ReadonlyMap<NodeId, NodeVersion> {
  const shown = [...bound].map(([id, version]) => {
    const reading = survey.readings.get(id);
    const identity = survey.contents.get(id)?.identity;
    if (!reading?.refusal || identity === undefined) return [id, version] as const;
    return [id, withColumns(version, reading.described.columns, identity)] as const;
  });
  return new Map(shown);
}

const declaredMistakes = (versions: ReadonlyMap<NodeId, NodeVersion>): readonly Diagnostic[] =>
  [...versions.values()].flatMap(version => checkDeclaredColumns(version.node, version.analysis.columns));

interface Survey {
  readonly decisions: Map<NodeId, SourceDecision>;
  readonly contents: Map<NodeId, SourceContent>;
  readonly readings: Map<NodeId, SourceReading>;
  readonly unreadable: Map<NodeId, FailureText>;
  readonly diagnostics: Diagnostic[];
}

/** Decides for every source whether an artefact holds its data; what cannot be read has a place in its definition. */
async function surveySources(request: PlanRequest, base: ReadonlyMap<NodeId, BaseNode>): Promise<Survey> {
  const survey: Survey = {
    decisions: new Map(),
    contents: new Map(),
    readings: new Map(),
    unreadable: new Map(),
    diagnostics: [],
  };
  for (const { resolved, values } of request.nodes) {
    if (resolved.sql !== null) continue;
    const { node } = resolved;
    const before = base.get(node.id);
    try {
      await surveySource(node, { request, before, values }, survey);
    } catch (error) {
      const failed = asSourceError(node.id, error);
      if (!(failed instanceof ToolError)) throw error;
      const code = noteUnreadable(survey, node, failed);
      // A definition that was read before is not to blame.
      if (code === 'bad-option' && !(before && sameReader(before, node))) survey.unreadable.delete(node.id);
    }
  }
  return survey;
}

/** Returns the code of the mistake. */
function noteUnreadable(survey: Survey, node: SourceNode, error: ToolError): string {
  const text = failureText(error);
  const mistake = sourceMistake(node, text);
  survey.diagnostics.push(mistake);
  survey.unreadable.set(node.id, text);
  return mistake.code;
}

/** A file without any line gives no columns: where others ask for some, the file is to blame. Says whether one is. */
function refuseEmpty({ bench, nodes }: PlanRequest, survey: Survey, found: readonly Diagnostic[]): boolean {
  if (!hasErrors(found)) return false;
  const edges = edgesOf(nodes);
  const blamed = new Set(found.map(entry => entry.node));
  const empty = [...survey.readings.values()].filter(({ node, refusal: known }) => {
    return known === null && descendantsOf(edges, [node.id]).some(id => blamed.has(id));
  });
  let refused = false;
  for (const { node, state } of empty) {
    const fault = emptyFault({ ...node, root: bench.root, files: state.files });
    if (fault === null) continue;
    noteUnreadable(survey, node, refusal(node.id, fault));
    for (const known of [survey.readings, survey.decisions, survey.contents]) known.delete(node.id);
    refused = true;
  }
  return refused;
}

interface Surroundings {
  readonly request: PlanRequest;
  readonly values: JsonObject;
  readonly before: BaseNode | undefined;
}

async function surveySource(node: SourceNode, around: Surroundings, survey: Survey): Promise<void> {
  const { bench, pinSources, remake } = around.request;
  const full = remake?.has(node.id) === true;
  const { before } = around;
  const keep = (artefact: string, reason: string) => settle({ kind: 'keep', artefact, reason });
  const settle = (decision: Extract<SourceDecision, { kind: 'keep' }>) => {
    const record = bench.store.artefact(decision.artefact);
    if (!record) throw damaged(`target/store/ledger.jsonl, without the output of ${node.id},`);
    survey.decisions.set(node.id, decision);
    survey.contents.set(node.id, { columns: record.columns, identity: record.identity });
  };
  const same = before !== undefined && sameReader(before, node);
  const whole = before !== undefined && (await bench.checks.isWhole(before.artefact));
  const settled = around.request.sourceArtefacts?.get(node.id);
  if (settled !== undefined)
    return keep(settled, settled === before?.artefact ? 'unchanged' : 'read in the environment');
  if (pinSources && same && whole && before) return settle(await pinnedSource(node, before, bench));
  const held = around.request.held?.get(node.id);
  if (held !== undefined && before) return keep(before.artefact, held);
  const { root, hashes, world } = bench;
  const state = await readSourceState(node, { root, hashes, now: world.now() });
  const usable = full ? [] : bench.store.artefactsNamed(state.fingerprint);
  for (const artefact of [...usable].sort((a, b) => Number(b === before?.artefact) - Number(a === before?.artefact))) {
    if (await bench.checks.isWhole(artefact)) return keep(artefact, keepReason(before, same, artefact));
  }
  const session = await bench.execution();
  const earlier = earlierReading(bench.store, before, { node, values: around.values });
  const described = await describeSource(session, {
    ...node,
    root,
    files: state.files,
    ...(earlier ? { earlier } : {}),
  });
  const refusal = refusalOf(node, described);
  const columns = refusal && earlier ? offeredColumns(earlier.columns, described.columns) : described.columns;
  survey.readings.set(node.id, { node, state, described, earlier, refusal, columns });
  const edited = !same && earlier?.sameDefinition !== true;
  const reason = `${readReason(before, edited, full)}${schemaReason(described, refusal !== null)}`;
  survey.decisions.set(node.id, { kind: 'read', reason });
  const known = before !== undefined && bench.store.artefactsNamed(state.fingerprint).includes(before.artefact);
  const identity = known ? bench.store.artefact(before.artefact)?.identity : undefined;
  survey.contents.set(node.id, {
    columns,
    identity: identity ?? `pending-${state.fingerprint}`,
  });
}

function readReason(before: BaseNode | undefined, edited: boolean, full: boolean): string {
  if (!before) return 'new source';
  if (full) return 'made anew (--full)';
  return edited ? 'its definition changed' : 'its files changed';
}

function keepReason(before: BaseNode | undefined, same: boolean, artefact: string): string {
  if (!same) return 'its data are in the store already';
  return artefact === before?.artefact ? 'unchanged' : 'its files changed; their data are in the store already';
}

/** Whether the same files are read in the same way, with all parameters filled in. */
const sameReader = (before: BaseNode, node: SourceNode): boolean =>
  before.node.kind === 'source' && readerText(before.node) === readerText(node);
