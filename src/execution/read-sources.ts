import type { NodeId } from '../core/definition/nodes/node.ts';
import { isReadAlike } from '../core/definition/options/csv-dialect.ts';
import type { ReadSource } from '../core/plan/action.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import { readSteadily } from '../connectors/read-steadily.ts';
import type { StagedData } from '../connectors/source-connector.ts';
import { contentName } from './content-name.ts';
import type { ExecutionOptions, ExecutionTools } from './execution-tools.ts';
import { failed, failure, type NodeResult, type Settled, tellResult } from './node-result.ts';
import { runSchedule } from './schedule.ts';

type Tools = Pick<ExecutionTools, 'world' | 'writer' | 'artefacts' | 'connector'>;

interface SourceContext {
  readonly options: ExecutionOptions;
  readonly tools: Tools;
}

/** Reads all sources that a plan reads; a source that planning could not inspect fails. */
export async function readSources(
  plan: Plan,
  options: ExecutionOptions,
  tools: Tools,
): Promise<ReadonlyMap<NodeId, NodeResult>> {
  const results = new Map<NodeId, NodeResult>();
  const actions = new Map(plan.actions.flatMap(action => (action.kind === 'read-source' ? [[action.id, action]] : [])));
  const toRead = [...plan.desired.keys()].filter(id => actions.has(id) || plan.unreadable.has(id));
  await runSchedule(
    toRead.map(id => ({ id, inputs: [] })),
    {
      workers: options.workers,
      continueOnError: options.continueOnError,
      signal: tools.world.signal,
      run: async id => {
        tools.world.emit({ kind: 'node-started', id });
        const action = actions.get(id);
        const result = action ? await readOrRefuse(action, { options, tools }) : unreadable(plan, id);
        tellResult(tools.world, result);
        results.set(id, result);
        return result.status === 'failed' ? 'failed' : 'done';
      },
      skip: (id, because) =>
        results.set(id, { id, status: 'skipped', error: null, reason: `not started: ${because.failed} failed` }),
    },
  );
  return results;
}

function unreadable({ desired, unreadable: known }: Plan, id: NodeId): NodeResult {
  const text = known.get(id);
  if (!text) throw new Error(`${id} is not a source to read`);
  return failed(desired.get(id)?.resolved.node ?? { id }, text);
}

async function readOrRefuse(action: ReadSource, context: SourceContext): Promise<NodeResult> {
  const { node, refusal } = action.reading;
  return refusal === null ? readWithRetries(action, context) : failed(node, refusal);
}

async function readWithRetries(action: ReadSource, context: SourceContext): Promise<NodeResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await readOnce(action, context);
    } catch (error) {
      if (attempt < context.options.retry && !context.tools.world.signal.aborted) continue;
      return failure(action.reading.node, error);
    }
  }
}

async function readOnce(action: ReadSource, context: SourceContext): Promise<Settled> {
  const { node, inspection } = action.reading;
  const { writer, connector } = context.tools;
  const started = performance.now();
  const into = writer.temporaryPath('.parquet');
  const staged = await readSteadily(connector(node), { source: node, inspection, into, full: action.full });
  const seconds = Math.round(performance.now() - started) / 1000;
  const warned = staged.warnings.length > 0 ? { warnings: staged.warnings } : {};
  const same = action.full ? null : await sameContent(staged, action, context.tools);
  if (same === null) return { ...(await adopt(action, { staged, into, seconds }, context.tools)), ...warned };
  writer.discardTemporary(into);
  if (staged.version !== null) writer.name(staged.version, same.id);
  const known = action.before !== null;
  return {
    id: node.id,
    status: known ? 'reused' : 'executed',
    artefact: same,
    fingerprint: same.identity,
    seconds,
    reason: known ? SAME_ROWS[same.id === action.before ? 'kept' : 'returned'] : action.line.reason,
    ...warned,
  };
}

const SAME_ROWS = {
  kept: 'read again: the same rows',
  returned: 'read again: its rows are already in the store',
} as const;

interface StagedFile {
  readonly staged: StagedData;
  readonly into: string;
  readonly seconds: number;
}

async function adopt(
  { reading: { node }, line: { reason } }: ReadSource,
  { staged, into, seconds }: StagedFile,
  { writer, world }: Tools,
): Promise<Settled> {
  const { columns, rows, identity, parts, endpoint, dialect, bookmark, version } = staged;
  const artefact = await writer.adoptArtefact(into, {
    node: node.id,
    columns,
    rows,
    identity,
    parts,
    inputs: {},
    endpoints: endpoint === null ? [] : [endpoint],
    seconds,
    at: world.now().toISOString(),
    ...(dialect ? { dialect } : {}),
    ...(bookmark ? { bookmark } : {}),
  });
  if (version !== null) writer.name(version, artefact.id);
  writer.name(contentName(artefact), artefact.id);
  return { id: node.id, status: 'executed', artefact, fingerprint: artefact.identity, seconds, reason };
}

/** An artefact with equal content, preferably the base's. Row order and file format do not count. */
async function sameContent(
  staged: StagedData,
  { reading: { node }, before }: ReadSource,
  { writer, artefacts }: Tools,
): Promise<ArtefactRecord | null> {
  const name = contentName(staged);
  for (const id of [...(before === null ? [] : [before]), ...writer.artefactsNamed(name)]) {
    const record = writer.artefact(id);
    if (!record || contentName(record) !== name) continue;
    if (!isSameEndpoint(record, staged)) continue;
    if (!isReadAlike(node.options, record.dialect ?? null, staged.dialect)) continue;
    if (await artefacts.isWhole(id)) return record;
  }
  return null;
}

/** Equal rows from another server are an artefact of their own: where data came from decides where they may go. */
const isSameEndpoint = ({ endpoints }: ArtefactRecord, { endpoint }: StagedData): boolean =>
  endpoints.join() === (endpoint ?? '');
