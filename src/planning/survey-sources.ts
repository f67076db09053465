import type { SourceDecision } from '../core/plan/build-plan.ts';
import type { NodeVersion } from '../core/plan/node-change.ts';
import { descendantsOf } from '../core/graph/graph.ts';
import type { JsonObject } from '../core/json.ts';
import type { Column, NodeId, SourceNode } from '../core/definition/nodes/node.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { EarlierReading } from '../connectors/files/reader-call.ts';
import { emptyFault, refusal } from '../connectors/files/check-files.ts';
import { type DescribedSource, describeSource } from '../connectors/files/read-source.ts';
import { asSourceError } from '../connectors/files/faults/unreadable.ts';
import { damaged } from '../store/ledger/stored-json.ts';
import type { SourceContent } from '../analysis/content-analysis.ts';
import { failureText } from '../analysis/duckdb-errors/failure-text.ts';
import type { FailureText } from '../diagnostics/failure-text.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import { earlierReading, offeredColumns, refusalOf, schemaReason, withColumns } from './earlier-reading.ts';
import type { PlanRequest } from './plan-request.ts';
import { pinnedSource } from './pinned-source.ts';
import type { BaseNode } from './read-base.ts';
import type { Workbench } from './workbench.ts';
import { readerText, readSourceState, type SourceState } from './source-state.ts';
import { sourceMistake } from '../analysis/duckdb-errors/source-mistake.ts';

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

/** What is known of the sources before anything is read. */
export interface Survey {
  readonly decisions: Map<NodeId, SourceDecision>;
  readonly contents: Map<NodeId, SourceContent>;
  readonly readings: Map<NodeId, SourceReading>;
  readonly unreadable: Map<NodeId, FailureText>;
  readonly diagnostics: Diagnostic[];
}

/** Decides for every source whether an artefact holds its data; what cannot be read has a place in its definition. */
export async function surveySources(request: PlanRequest, base: ReadonlyMap<NodeId, BaseNode>): Promise<Survey> {
  const survey: Survey = {
    decisions: new Map(),
    contents: new Map(),
    readings: new Map(),
    unreadable: new Map(),
    diagnostics: [],
  };
  for (const { resolved, values } of request.nodes) {
    if (resolved.kind === 'query') continue;
    const before = base.get(resolved.node.id);
    if (resolved.kind === 'stored-output') {
      keepStoredOutput(resolved.node.id, { request, before, values }, survey);
      continue;
    }
    const { node } = resolved;
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
export function refuseEmpty({ bench, nodes }: PlanRequest, survey: Survey, found: readonly Diagnostic[]): boolean {
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

type KeepDecision = Extract<SourceDecision, { kind: 'keep' }>;

function keepArtefact(
  id: NodeId,
  decision: KeepDecision,
  { bench, survey }: { readonly bench: Workbench; readonly survey: Survey },
): void {
  const record = bench.store.artefact(decision.artefact);
  if (!record) throw damaged(`target/store/ledger.jsonl, without the output of ${id},`);
  survey.decisions.set(id, decision);
  survey.contents.set(id, { columns: record.columns, identity: record.identity });
}

/** A transform without its query keeps the artefact of the base. */
function keepStoredOutput(id: NodeId, { request, before }: Surroundings, survey: Survey): void {
  const reason = request.held?.get(id);
  if (reason === undefined || !before) throw new Error(`nothing keeps the stored output of ${id}`);
  keepArtefact(id, { kind: 'keep', artefact: before.artefact, reason }, { bench: request.bench, survey });
}

async function surveySource(node: SourceNode, around: Surroundings, survey: Survey): Promise<void> {
  const { bench, pinSources, remake } = around.request;
  const full = remake?.has(node.id) === true;
  const { before } = around;
  const settle = (decision: KeepDecision) => keepArtefact(node.id, decision, { bench, survey });
  const keep = (artefact: string, reason: string) => settle({ kind: 'keep', artefact, reason });
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
  const reason = `${readReason(before, edited, full)}${schemaReason({ node, described, earlier }, refusal !== null)}`;
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

/** What a refused source is compared with the base by. */
export function withFileColumns(
  bound: ReadonlyMap<NodeId, NodeVersion>,
  survey: Survey,
): ReadonlyMap<NodeId, NodeVersion> {
  const shown = [...bound].map(([id, version]) => {
    const reading = survey.readings.get(id);
    const identity = survey.contents.get(id)?.identity;
    if (!reading?.refusal || identity === undefined) return [id, version] as const;
    return [id, withColumns(version, reading.described.columns, identity)] as const;
  });
  return new Map(shown);
}

export const edgesOf = (nodes: readonly DesiredNode[]) =>
  nodes.map(({ resolved: { node } }) => ({ id: node.id, inputs: node.inputs.map(input => input.id) }));
