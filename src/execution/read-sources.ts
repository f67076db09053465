import type { NodeId, SourceNode } from '../core/definition/nodes/node.ts';
import { isReadAlike } from '../core/definition/options/csv-dialect.ts';
import type { FailSource, KeepSource, ReadSource, SourceAction } from '../core/plan/source-reading.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { World } from '../core/world.ts';
import { readSteadily } from '../connectors/read-steadily.ts';
import type { SourceConnector, StagedData } from '../connectors/source-connector.ts';
import { damaged } from '../store/ledger/stored-json.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { contentName } from './content-name.ts';
import type { ExecutionOptions } from './execute-plan.ts';
import { failed, failure, isSettled, type NodeResult, type Settled } from './node-result.ts';
import { runSchedule } from './schedule.ts';

export interface SourceContext {
  readonly world: World;
  readonly writer: StoreWriter;
  readonly options: ExecutionOptions;
  connector(source: SourceNode): SourceConnector;
  /** Whether an artefact is still what was written. */
  isWhole(artefact: string): Promise<boolean>;
}

/** Settles every source of a plan: keeps the artefact that was decided on, or reads the data. */
export async function readSources(
  actions: readonly SourceAction[],
  context: SourceContext,
): Promise<ReadonlyMap<NodeId, NodeResult>> {
  const { world, options } = context;
  const results = new Map<NodeId, NodeResult>();
  const toRead = new Map<NodeId, ReadSource | FailSource>();
  for (const action of actions) {
    if (action.kind === 'keep-source') results.set(action.id, kept(context.writer, action));
    else toRead.set(action.id, action);
  }
  await runSchedule(
    [...toRead.keys()].map(id => ({ id, inputs: [] })),
    {
      workers: options.workers,
      continueOnError: options.continueOnError,
      signal: world.signal,
      run: async id => {
        const action = toRead.get(id);
        if (!action) throw new Error(`${id} is not a source to read`);
        const result = await settle(action, context);
        results.set(id, result);
        return result.status === 'failed' ? 'failed' : 'done';
      },
      skip: (id, because) =>
        results.set(id, { id, status: 'skipped', error: null, reason: `not started: ${because.failed} failed` }),
    },
  );
  return results;
}

function kept(writer: StoreWriter, { id, artefact: kept, reason }: KeepSource): Settled {
  const artefact = writer.artefact(kept);
  if (!artefact) throw damaged(`target/store/ledger.jsonl, without the output of ${id},`);
  return { id, status: 'reused', artefact, fingerprint: artefact.identity, seconds: null, reason };
}

async function settle(action: ReadSource | FailSource, context: SourceContext): Promise<NodeResult> {
  const { world } = context;
  world.emit({ kind: 'node-started', id: action.id });
  const result =
    action.kind === 'fail-source' ? failed(action.node, action.failure) : await readWithRetries(action, context);
  const settled = isSettled(result) ? result : null;
  world.emit({
    kind: 'node-finished',
    id: result.id,
    status: result.status,
    rows: settled?.artefact.rows ?? null,
    seconds: settled?.seconds ?? null,
    message: settled ? null : result.reason,
  });
  return result;
}

async function readWithRetries(action: ReadSource, context: SourceContext): Promise<NodeResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await readOnce(action, context);
    } catch (error) {
      if (attempt < context.options.retry && !context.world.signal.aborted) continue;
      return failure(action.node, error);
    }
  }
}

async function readOnce(action: ReadSource, context: SourceContext): Promise<Settled> {
  const { node, inspection } = action;
  const { writer } = context;
  const started = performance.now();
  const into = writer.temporaryPath('.parquet');
  const staged = await readSteadily(context.connector(node), { source: node, inspection, into });
  const seconds = Math.round(performance.now() - started) / 1000;
  const same = action.anew ? null : await sameContent(staged, action, context);
  if (same === null) return adopt(action, { staged, into, seconds }, context);
  writer.discardTemporary(into);
  writer.name(staged.version, same.id);
  const known = action.before !== null;
  return {
    id: node.id,
    status: known ? 'reused' : 'executed',
    artefact: same,
    fingerprint: same.identity,
    seconds,
    reason: known ? SAME_ROWS[same.id === action.before ? 'kept' : 'returned'] : action.reason,
  };
}

const SAME_ROWS = {
  kept: 'read again: the same rows',
  returned: 'read again: rows that are in the store already',
} as const;

interface StagedFile {
  readonly staged: StagedData;
  readonly into: string;
  readonly seconds: number;
}

async function adopt(
  { node, reason }: ReadSource,
  { staged, into, seconds }: StagedFile,
  { writer, world }: SourceContext,
): Promise<Settled> {
  const { columns, rows, identity, endpoint, dialect, version } = staged;
  const artefact = await writer.adoptArtefact(into, {
    node: node.id,
    columns,
    rows,
    identity,
    inputs: {},
    endpoints: endpoint === null ? [] : [endpoint],
    seconds,
    at: world.now().toISOString(),
    ...(dialect ? { dialect } : {}),
  });
  writer.name(version, artefact.id);
  writer.name(contentName(artefact), artefact.id);
  return { id: node.id, status: 'executed', artefact, fingerprint: artefact.identity, seconds, reason };
}

/** The same rows in another order, or written differently, are the same data: an artefact that holds them stays. */
async function sameContent(
  staged: StagedData,
  { node, before }: ReadSource,
  { writer, isWhole }: SourceContext,
): Promise<ArtefactRecord | null> {
  const name = contentName(staged);
  for (const id of [...(before === null ? [] : [before]), ...writer.artefactsNamed(name)]) {
    const record = writer.artefact(id);
    if (!record || contentName(record) !== name) continue;
    if (!isReadAlike(node.options, record.dialect ?? null, staged.dialect)) continue;
    if (await isWhole(id)) return record;
  }
  return null;
}
