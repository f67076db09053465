import type { SourceContent } from '../analysis/content-analysis.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { PlanAction, Reuse } from '../core/plan/action.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';
import type { Plan } from '../core/plan/plan.ts';
import { assertValid } from '../project/load-project.ts';
import { damaged } from '../store/ledger/stored-json.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import type { ExecutionOptions, ExecutionTools } from './execution-tools.ts';
import { explainSkips } from './explain-skips.ts';
import { failure, isSettled, type NodeResult, tellResult } from './node-result.ts';
import { type QueryWork, queryWork } from './query-work.ts';
import { readSources } from './read-sources.ts';
import { settleQueries } from './settle-queries.ts';

export interface Performed {
  /** One per desired node, in dependency order. */
  readonly results: readonly NodeResult[];
  readonly failed: boolean;
}

type Results = ReadonlyMap<NodeId, NodeResult>;

/** Carries out a plan, except for the final switch: reads sources, and reuses or runs every other node. */
export async function performPlan(plan: Plan, options: ExecutionOptions, given: ExecutionTools): Promise<Performed> {
  given.world.emit({ kind: 'work-started', total: plan.unreadable.size + plan.actions.filter(isToRun).length });
  const read = await readSources(plan, options, given);
  // With `onlyReuse`, a node without a usable artefact is not reported as failed.
  const tools = options.onlyReuse === true ? { ...given, world: { ...given.world, emit: () => undefined } } : given;
  const results = await settleAll(plan, new Map([...keptNodes(plan, tools.writer), ...read]), { options, tools });
  const blocked = [...plan.blocked].map(([id, source]) => blockedResult(id, source, results));
  for (const result of blocked) tellResult(tools.world, result);
  const known = [...plan.unreadable.keys(), ...plan.versions.keys()];
  const all = [...known.map(id => results.get(id) ?? notStarted(id, results)), ...blocked];
  const inputsOf = (id: NodeId) => plan.desired.get(id)?.resolved.node.inputs.map(input => input.id) ?? [];
  return { results: explainSkips(all, inputsOf), failed: all.some(result => !isSettled(result)) };
}

const isToRun = ({ kind }: PlanAction): boolean => kind === 'read-source' || kind === 'execute';

/** Results of the nodes that depend on no other result: reused sources, stored outputs and pinned queries. */
function keptNodes(plan: Plan, writer: StoreWriter): Results {
  const kept = plan.actions.filter(action => action.kind === 'reuse').filter(action => waitsForNone(action, plan));
  return new Map(kept.map(action => [action.id, keptNode(action, { plan, writer })]));
}

const waitsForNone = ({ id, pinned }: Reuse, { desired }: Plan): boolean =>
  pinned || desired.get(id)?.resolved.kind !== 'query';

function keptNode(
  { id, artefact: wanted, fingerprint, line }: Reuse,
  { plan, writer }: { readonly plan: Plan; readonly writer: StoreWriter },
): NodeResult {
  const artefact = writer.artefact(wanted);
  if (artefact) return { id, status: 'reused', artefact, fingerprint, seconds: null, reason: line.reason };
  const lost = damaged(`target/store/ledger.jsonl, without the output of ${id},`);
  return failure(plan.desired.get(id)?.resolved.node ?? { id }, lost);
}

interface Settling {
  readonly options: ExecutionOptions;
  readonly tools: ExecutionTools;
}

/** Works in rounds: queries below a node whose columns depend on data can be analysed only after it has run. */
async function settleAll(plan: Plan, settled: Results, { options, tools }: Settling): Promise<Results> {
  let results = settled;
  for (;;) {
    const versions = await versionsNow(plan, results, tools);
    const open = queryWork(plan, versions).filter(({ node }) => !results.has(node.id));
    const ready = open.filter(isReady);
    results = await settleQueries(ready, { plan, settled: results, options, tools });
    const done = results;
    if (ready.length === 0 || ready.length === open.length || !ready.every(({ node }) => isDone(done, node.id)))
      return results;
  }
}

const isReady = ({ node, analysis }: QueryWork): boolean => analysis.late === undefined || analysis.late === node.id;

function isDone(results: Results, id: NodeId): boolean {
  const result = results.get(id);
  return result !== undefined && isSettled(result);
}

/** Analyses again with the rows that were read: fingerprints below a source depend on them. */
async function versionsNow(
  plan: Plan,
  results: Results,
  { analyser }: Pick<ExecutionTools, 'analyser'>,
): Promise<ReadonlyMap<NodeId, NodeVersion>> {
  if (plan.knownAfterReading.size === 0) return plan.versions;
  const graph = await analyser.analyse({
    nodes: [...plan.desired.values()].map(node => node.resolved),
    sources: new Map([...results].flatMap(([id, result]) => contentOf(plan, id, result))),
    pinned: new Map([...plan.pinned].flatMap(id => pinnedAnalysis(plan, id))),
  });
  assertValid(graph.diagnostics);
  return new Map(
    [...graph.versions].map(([id, version]) => [id, { ...version, values: plan.versions.get(id)?.values ?? {} }]),
  );
}

function pinnedAnalysis({ base }: Plan, id: NodeId): readonly (readonly [NodeId, NodeVersion['analysis']])[] {
  const node = base.get(id);
  return node ? [[id, node.analysis]] : [];
}

/** A failed source keeps its columns, so that its consumers can still be analysed. */
function contentOf(plan: Plan, id: NodeId, result: NodeResult): readonly (readonly [NodeId, SourceContent])[] {
  if (isSettled(result)) {
    const { columns, identity } = result.artefact;
    return [[id, { columns, identity }]];
  }
  const pending = plan.versions.get(id)?.analysis;
  if (!pending) return [];
  const columns = plan.readings.get(id)?.columns ?? pending.columns;
  return [[id, { columns, identity: `failed-${pending.fingerprint}` }]];
}

/** Result of a node below an unreadable source, which has no action in the plan. */
function blockedResult(id: NodeId, source: NodeId, results: Results): NodeResult {
  if (results.get(source)?.status !== 'failed') return notStarted(id, results);
  return { id, status: 'skipped', error: null, reason: `depends on ${source}, which failed` };
}

function notStarted(id: NodeId, results: Results): NodeResult {
  const failed = [...results.values()].find(result => !isSettled(result));
  return { id, status: 'skipped', error: null, reason: failed ? `not started: ${failed.id} failed` : 'not started' };
}
