import type { NodeId, SourceNode } from '../core/definition/nodes/node.ts';
import { sha256Hex } from '../core/canonical-json.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { CsvDialect } from '../core/definition/options/csv-dialect.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';
import type { WrittenTable } from '../engine/execution/write-file.ts';
import { type DescribedSource, describeSource, readSource } from '../connectors/files/read-source.ts';
import { isReadAlike } from '../connectors/files/csv/csv-again.ts';
import { isSameStat, sourceFiles } from '../connectors/files/source-files.ts';
import { asSourceError } from '../connectors/files/faults/unreadable.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import type { ExecutionOptions } from './execute-plan.ts';
import { refusalOf } from '../planning/earlier-reading.ts';
import type { MadePlan } from '../planning/make-plan.ts';
import type { SourceReading } from '../planning/survey-sources.ts';
import { failed, failure, isSettled, type NodeResult, type Settled, type Unsettled } from './node-result.ts';
import { runSchedule } from './schedule.ts';
import { isYoung, readSourceState, type SourceState } from '../planning/source-state.ts';
import type { Workbench } from '../planning/workbench.ts';
import { damaged } from '../store/ledger/stored-json.ts';

export interface SourceWork {
  readonly made: MadePlan;
  readonly options: ExecutionOptions;
}

/** Settles every source of a plan: keeps the artefact that was decided on, reads the files where none was. */
export async function readSources(
  bench: Workbench,
  writer: StoreWriter,
  work: SourceWork,
): Promise<ReadonlyMap<NodeId, NodeResult>> {
  const results = new Map<NodeId, NodeResult>();
  const reader = new SourceReader(bench, writer, work);
  const toRead: NodeId[] = [];
  const { sources, unreadable } = work.made;
  for (const id of work.made.desired.keys()) {
    const decision = sources.get(id);
    if (decision?.kind === 'read' || unreadable.has(id)) toRead.push(id);
    else if (decision) results.set(id, kept(writer, id, decision));
  }
  const tasks = toRead.map(id => ({ id, inputs: [] }));
  await runSchedule(tasks, {
    workers: work.options.workers,
    continueOnError: work.options.continueOnError,
    signal: bench.world.signal,
    run: async id => {
      const result = await readOne(reader, work.made, id);
      results.set(id, result);
      return result.status === 'failed' ? 'failed' : 'done';
    },
    skip: (id, because) =>
      results.set(id, { id, status: 'skipped', error: null, reason: `not started: ${because.failed} failed` }),
  });
  return results;
}

function kept(
  writer: StoreWriter,
  id: NodeId,
  decision: { readonly artefact: string; readonly reason: string },
): Settled {
  const artefact = writer.artefact(decision.artefact);
  if (!artefact) throw damaged(`target/store/ledger.jsonl, without the output of ${id},`);
  return { id, status: 'reused', artefact, fingerprint: artefact.identity, seconds: null, reason: decision.reason };
}

async function readOne(reader: SourceReader, made: MadePlan, id: NodeId): Promise<NodeResult> {
  const unreadable = made.unreadable.get(id);
  if (unreadable) return reader.refuse(failed(made.desired.get(id)?.resolved.node ?? { id }, unreadable));
  const reading = made.readings.get(id);
  const decision = made.sources.get(id);
  if (!reading || !decision) throw new Error(`${id} was never surveyed`);
  if (reading.refusal) return reader.refuse(failure(reading.node, reading.refusal));
  return reader.read(reading, { before: made.base.get(id)?.artefact ?? null, reason: decision.reason });
}

interface ReadContext {
  /** The artefact that the base holds for the source. */
  readonly before: string | null;
  readonly reason: string;
}

class SourceReader {
  readonly #bench: Workbench;
  readonly #writer: StoreWriter;
  readonly #work: SourceWork;

  constructor(bench: Workbench, writer: StoreWriter, work: SourceWork) {
    this.#bench = bench;
    this.#writer = writer;
    this.#work = work;
  }

  async read(reading: SourceReading, context: ReadContext): Promise<NodeResult> {
    const { id } = reading.node;
    const { world } = this.#bench;
    world.emit({ kind: 'node-started', id });
    return this.#tell(await this.#readWithRetries(reading, context));
  }

  /** Planning found that its files cannot be read. */
  refuse(result: Unsettled): NodeResult {
    this.#bench.world.emit({ kind: 'node-started', id: result.id });
    return this.#tell(result);
  }

  #tell(result: NodeResult): NodeResult {
    const settled = isSettled(result) ? result : null;
    const { rows, seconds } = { rows: settled?.artefact.rows ?? null, seconds: settled?.seconds ?? null };
    this.#bench.world.emit({
      kind: 'node-finished',
      id: result.id,
      status: result.status,
      rows,
      seconds,
      message: settled ? null : result.reason,
    });
    return result;
  }

  async #readWithRetries(reading: SourceReading, context: ReadContext): Promise<NodeResult> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#readSteady(reading, context);
      } catch (error) {
        if (attempt < this.#work.options.retry && !this.#bench.world.signal.aborted) continue;
        return failure(reading.node, asSourceError(reading.node.id, error));
      }
    }
  }

  /** Files that change while they are read are read once more; twice is a failure. */
  async #readSteady(reading: SourceReading, context: ReadContext): Promise<Settled> {
    const { node } = reading;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const state = await this.#stateOf(node);
      const settled = await this.#readOnce(reading, state, context);
      if (settled) return settled;
    }
    throw new ToolError('source-changed', `The files of ${node.id} change while they are read.`, {
      hint: 'Write them under another name and rename them when they are whole.',
    });
  }

  /** null where the files are no longer what they were before: what was read belongs to no state of them. */
  async #readOnce(reading: SourceReading, state: SourceState, context: ReadContext): Promise<Settled | null> {
    const { node } = reading;
    const { world } = this.#bench;
    const session = await this.#bench.execution();
    const started = performance.now();
    const into = this.#writer.temporaryPath('.parquet');
    const unchanged = state.fingerprint === reading.state.fingerprint;
    const described = unchanged ? reading.described : await this.#describe(session, reading, state);
    const refusal = refusalOf(node, described);
    if (refusal) throw refusal;
    const { written, dialect } = await this.#write(described, { reading, state, into });
    const seconds = Math.round(performance.now() - started) / 1000;
    if (!(await this.#isStill(state, node))) {
      this.#writer.discardTemporary(into);
      return null;
    }
    const reads = (record: ArtefactRecord): boolean => isReadAlike(node, record.dialect ?? null, dialect);
    const anew = this.#work.made.remake.has(node.id);
    const same = anew ? null : await this.#sameContent(written, context.before, reads);
    if (same) {
      this.#writer.discardTemporary(into);
      this.#writer.name(state.fingerprint, same.id);
      const known = context.before !== null;
      return {
        id: node.id,
        status: known ? 'reused' : 'executed',
        artefact: same,
        fingerprint: same.identity,
        seconds,
        reason: known ? SAME_ROWS[same.id === context.before ? 'kept' : 'returned'] : context.reason,
      };
    }
    const artefact = await this.#writer.adoptArtefact(into, {
      node: node.id,
      columns: written.columns,
      rows: written.rows,
      identity: written.identity,
      parts: written.parts,
      inputs: {},
      endpoints: [],
      seconds,
      at: world.now().toISOString(),
      ...(dialect ? { dialect } : {}),
    });
    this.#writer.name(state.fingerprint, artefact.id);
    this.#writer.name(contentName(artefact), artefact.id);
    return {
      id: node.id,
      status: 'executed',
      artefact,
      fingerprint: artefact.identity,
      seconds,
      reason: context.reason,
    };
  }

  /** A value far down may show another type, which `evolve` takes as well: then all lines are looked at. */
  async #write(
    described: DescribedSource,
    { reading, state, into }: { readonly reading: SourceReading; readonly state: SourceState; readonly into: string },
  ): Promise<{ readonly written: WrittenTable; readonly dialect: CsvDialect | null }> {
    const { source, options, onSchemaChange } = reading.node;
    const { world, root } = this.#bench;
    const session = await this.#bench.execution();
    const place = { ...reading.node, root, files: state.files, into, signal: world.signal };
    try {
      return { written: await readSource(session, described, place), dialect: described.dialect };
    } catch (error) {
      const sampled = source !== 'parquet' && options['sample_size'] === undefined;
      if (onSchemaChange !== 'evolve' || !sampled || reading.earlier === null || world.signal.aborted) throw error;
      this.#writer.discardTemporary(into);
      const node = { ...reading.node, options: { ...options, sample_size: -1 } };
      const again = await this.#describe(session, { ...reading, node }, state);
      return { written: await readSource(session, again, place), dialect: again.dialect };
    }
  }

  #describe(session: ExecutionSession, reading: SourceReading, state: SourceState): Promise<DescribedSource> {
    const { node, earlier } = reading;
    const { root } = this.#bench;
    return describeSource(session, { ...node, root, files: state.files, ...(earlier ? { earlier } : {}) });
  }

  #stateOf(node: SourceNode): Promise<SourceState> {
    const { root, hashes, world } = this.#bench;
    return readSourceState(node, { root, hashes, now: world.now() });
  }

  /** A young stat does not tell: the bytes do. */
  async #isStill(state: SourceState, node: SourceNode): Promise<boolean> {
    const { root, world } = this.#bench;
    if (!sameFiles(state, await sourceFiles(root, node.table))) return false;
    const now = world.now();
    if (!state.files.some(file => isYoung(file, now))) return true;
    return (await this.#stateOf(node)).fingerprint === state.fingerprint;
  }

  /** The same rows in another order, or written differently, are the same data: an artefact that holds them stays. */
  async #sameContent(
    written: WrittenTable,
    before: string | null,
    reads: (record: ArtefactRecord) => boolean,
  ): Promise<ArtefactRecord | null> {
    for (const id of [...(before ? [before] : []), ...this.#writer.artefactsNamed(contentName(written))]) {
      const record = this.#writer.artefact(id);
      if (!record || contentName(record) !== contentName(written) || !reads(record)) continue;
      if (await this.#bench.checks.isWhole(id)) return record;
    }
    return null;
  }
}

const SAME_ROWS = {
  kept: 'read again: the same rows',
  returned: 'read again: rows that are in the store already',
} as const;

const contentName = (table: Pick<WrittenTable, 'identity' | 'columns'>): string =>
  `content-${sha256Hex(JSON.stringify([table.identity, table.columns.map(column => [column.name, column.type])])).slice(0, 32)}`;

const sameFiles = (state: SourceState, now: SourceState['files']): boolean =>
  state.files.length === now.length &&
  state.files.every((file, index) => {
    const other = now[index];
    return other !== undefined && other.path === file.path && isSameStat(file, other);
  });
