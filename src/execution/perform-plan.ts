import { movement } from '../core/plan/moves.ts';
import type { NodeVersion } from '../core/plan/node-change.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { analyseGraph } from '../analysis/analyse-graph.ts';
import type { SourceContent } from '../analysis/content-analysis.ts';
import { explainSkips } from './explain-skips.ts';
import { executeTransforms, type ExecutionOptions } from './execute-plan.ts';
import { assertValid } from '../project/load-project.ts';
import { definitionOf } from '../core/definition/nodes/desired-node.ts';
import type { MadePlan } from '../planning/make-plan.ts';
import { isSettled, type NodeResult } from './node-result.ts';
import { readSources } from './read-sources.ts';
import type { TransformWork } from './transform-work.ts';
import type { Workbench } from '../planning/workbench.ts';

export interface Performed {
  /** In dependency order; every wanted node has one. */
  readonly results: readonly NodeResult[];
  readonly failed: boolean;
}

/** Carries a plan out in the store, up to but without the switch: reads sources, then settles every transform. */
export async function performPlan(
  bench: Workbench,
  writer: StoreWriter,
  work: { readonly made: MadePlan; readonly options: ExecutionOptions },
): Promise<Performed> {
  const { made, options } = work;
  bench.world.emit({ kind: 'work-started', total: nodesToRun(made) });
  const sources = await readSources(bench, writer, work);
  const session = () => bench.execution();
  const isWhole = (artefact: string) => bench.checks.isWhole(artefact);
  // What is only looked for does not fail where it is not found.
  const world = options.onlyReuse === true ? { ...bench.world, emit: () => undefined } : bench.world;
  const context = { world, writer, options, session, isWhole };
  let results = sources;
  // Columns that depend on data are known once their node has run: then those that read them can be.
  for (let waiting = true; waiting;) {
    const versions = await versionsWith(bench, made, results);
    const todo = transformWork(made, versions).filter(({ resolved }) => !results.has(resolved.node.id));
    const ready = todo.filter(
      ({ resolved, analysis }) => analysis.late === undefined || analysis.late === resolved.node.id,
    );
    results = await executeTransforms(ready, { ...context, settled: results });
    waiting =
      ready.length > 0 &&
      ready.length < todo.length &&
      ready.every(({ resolved }) => isDone(results, resolved.node.id));
  }
  const blocked = [...made.blocked].map(([id, source]) => blockedResult(id, source, results));
  for (const { id, status, reason } of blocked)
    world.emit({ kind: 'node-finished', id, status, rows: null, seconds: null, message: reason });
  const known = [...made.unreadable.keys(), ...made.versions.keys()];
  const all = [...known.map(id => results.get(id) ?? notStarted(id, results)), ...blocked];
  const inputsOf = (id: NodeId) => made.desired.get(id)?.resolved.node.inputs.map(input => input.id) ?? [];
  return { results: explainSkips(all, inputsOf), failed: all.some(result => !isSettled(result)) };
}

/** What reads a source that cannot be read was never planned. */
function blockedResult(id: NodeId, source: NodeId, results: ReadonlyMap<NodeId, NodeResult>): NodeResult {
  const tried = results.get(source)?.status === 'failed';
  return tried
    ? { id, status: 'skipped', error: null, reason: `depends on ${source}, which failed` }
    : notStarted(id, results);
}

const nodesToRun = ({ sources, decisions, unreadable }: MadePlan): number =>
  unreadable.size +
  [...sources.values()].filter(source => source.kind === 'read').length +
  decisions.filter(({ id, plan }) => plan.action === 'run' && !sources.has(id)).length;

function isDone(results: ReadonlyMap<NodeId, NodeResult>, id: NodeId): boolean {
  const result = results.get(id);
  return result !== undefined && isSettled(result);
}

/** The entries of the generation that a plan led to; only where nothing failed. */
export function generationNodes(
  made: MadePlan,
  performed: Performed,
  writer: StoreWriter,
  at: string,
): readonly GenerationNode[] {
  return performed.results.filter(isSettled).map(result => {
    const desired = made.desired.get(result.id);
    if (!desired) throw new Error(`${result.id} was never wanted`);
    const definition = writer.defineNode(definitionOf(desired));
    const before = made.base.get(result.id)?.entry;
    const same = before !== undefined && before.artefact === result.artefact.id && before.definition === definition;
    return {
      id: result.id,
      file: desired.resolved.node.file,
      definition,
      artefact: result.artefact.id,
      fingerprint: made.held.get(result.id)?.entry.fingerprint ?? result.fingerprint,
      status: same ? before.status : result.status,
      at: same ? before.at : at,
      ...(Object.keys(desired.parameters).length > 0 ? { parameters: desired.parameters } : {}),
      targets: [],
    };
  });
}

/** Nodes of which these entries say something else than what the environment points to now, removed ones included. */
export function movedNodes(made: MadePlan, nodes: readonly GenerationNode[]): ReadonlySet<NodeId> {
  const { moved, removed } = movement(made.shown, nodes);
  return new Set([...moved.map(node => node.id), ...removed]);
}

/** Once sources were read, their rows stand at the leaves and every fingerprint below follows from them. */
async function versionsWith(
  bench: Workbench,
  made: MadePlan,
  sources: ReadonlyMap<NodeId, NodeResult>,
): Promise<ReadonlyMap<NodeId, NodeVersion>> {
  const read = made.readings.size > 0 && [...made.sources.values()].some(source => source.kind === 'read');
  const late = [...made.versions.values()].some(version => version.analysis.late !== undefined);
  if (!read && !late) return made.versions;
  const contents = new Map<NodeId, SourceContent>();
  for (const [id, result] of sources) {
    const record = isSettled(result) ? result.artefact : null;
    const pending = made.versions.get(id)?.analysis;
    if (record) contents.set(id, { columns: record.columns, identity: record.identity });
    else if (pending)
      contents.set(id, {
        columns: made.readings.get(id)?.columns ?? pending.columns,
        identity: `failed-${pending.fingerprint}`,
      });
  }
  const graph = await analyseGraph({
    nodes: [...made.desired.values()].map(node => node.resolved),
    sources: contents,
    fixed: new Map([...made.held].map(([id, node]) => [id, node.analysis])),
    cache: bench.analyses,
    answers: bench.answers,
    engine: bench.engineVersion,
    columnsBuilt: fingerprint => bench.columnsBuilt(fingerprint),
    session: () => bench.analysis(),
  });
  assertValid(graph.diagnostics);
  return new Map(
    [...graph.versions].map(([id, version]) => [id, { ...version, values: made.versions.get(id)?.values ?? {} }]),
  );
}

function transformWork(made: MadePlan, versions: ReadonlyMap<NodeId, NodeVersion>): readonly TransformWork[] {
  const decisions = new Map(made.decisions.map(decision => [decision.id, decision.plan]));
  return [...versions.values()].flatMap(({ node, analysis }) => {
    const resolved = made.desired.get(node.id)?.resolved;
    const plan = decisions.get(node.id);
    if (!resolved || resolved.kind !== 'query' || !plan) return [];
    const held = made.held.get(node.id)?.entry ?? null;
    const candidates = made.remake.has(node.id) ? [] : made.candidates(node.id, analysis);
    return [
      { resolved, analysis, planned: plan.action === 'run' ? 'run' : 'reuse', reason: plan.reason, candidates, held },
    ];
  });
}

function notStarted(id: NodeId, results: ReadonlyMap<NodeId, NodeResult>): NodeResult {
  const failed = [...results.values()].find(result => !isSettled(result));
  return { id, status: 'skipped', error: null, reason: failed ? `not started: ${failed.id} failed` : 'not started' };
}
