import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';
import type { ArtefactDraft } from '../core/state/artefact.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { PlacedArtefact } from '../store/artefacts/artefact-files.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import { fitOf, type Output, type Surroundings } from './fit.ts';
import { failure, isSettled, type NodeResult, type Settled } from './node-result.ts';
import { runSchedule, type TaskOutcome } from './schedule.ts';
import type { TransformWork } from './transform-work.ts';
import type { RunEvent, World } from '../core/world.ts';
import { damaged } from '../store/ledger/stored-json.ts';

export interface ExecutionOptions {
  readonly continueOnError: boolean;
  /** How often a failed node is tried again. */
  readonly retry: number;
  readonly workers: number;
  /** Runs nothing: a node without a usable artefact fails, as `moved-on`. */
  readonly onlyReuse?: boolean;
}

type NodeFinished = Extract<RunEvent, { readonly kind: 'node-finished' }>;

export interface ExecutionContext {
  readonly world: World;
  readonly writer: StoreWriter;
  /** What is settled already: sources at least, each with its artefact or its failure. */
  readonly settled: ReadonlyMap<NodeId, NodeResult>;
  readonly options: ExecutionOptions;
  session(): Promise<ExecutionSession>;
  /** Whether an artefact is still what was written. */
  isWhole(artefact: string): Promise<boolean>;
}

/** Settles every transform, inputs first: takes a usable artefact where the store has one, runs the query where not. */
export async function executeTransforms(
  work: readonly TransformWork[],
  context: ExecutionContext,
): Promise<ReadonlyMap<NodeId, NodeResult>> {
  const execution = new Execution(work, context);
  const left: Parameters<Execution['leave']>[] = [];
  await runSchedule(
    work.map(entry => ({ id: entry.resolved.node.id, inputs: entry.resolved.node.inputs.map(input => input.id) })),
    {
      workers: context.options.workers,
      continueOnError: context.options.continueOnError,
      signal: context.world.signal,
      failed: [...context.settled.values()].filter(result => !isSettled(result)).map(result => result.id),
      run: (id, free) => execution.settle(id, free),
      skip: (id, because) => left.push([id, because]),
    },
  );
  for (const [id, because] of left) await execution.leave(id, because);
  await execution.finish();
  return execution.results;
}

class Execution {
  readonly results: Map<NodeId, NodeResult>;
  readonly #work: ReadonlyMap<NodeId, TransformWork>;
  readonly #context: ExecutionContext;
  /** What ran: it may be read at once, while it is still found out and recorded what is in it. */
  readonly #outputs = new Map<NodeId, Output>();
  readonly #recording: Promise<void>[] = [];
  readonly #read: ReadonlySet<NodeId>;
  #placing: Promise<unknown> = Promise.resolve();
  readonly #surroundings: Surroundings;

  constructor(work: readonly TransformWork[], context: ExecutionContext) {
    this.results = new Map(context.settled);
    this.#work = new Map(work.map(entry => [entry.resolved.node.id, entry]));
    this.#context = context;
    this.#read = new Set(work.flatMap(entry => entry.resolved.node.inputs.map(input => input.id)));
    this.#surroundings = {
      ...context,
      outputOf: id => this.#artefactOf(id),
      // An input that was cut off is the same artefact because it was found to be.
      wasCompared: id => this.results.get(id)?.status === 'cut_off',
    };
  }

  /** Calls `free` once another may begin. */
  async settle(id: NodeId, free: () => void): Promise<TaskOutcome> {
    const work = this.#work.get(id);
    if (!work) throw new Error(`${id} was never planned`);
    try {
      if (work.held) return this.#record(this.#keep(work, work.held));
      const blocked = work.resolved.node.inputs
        .map(input => this.results.get(input.id))
        .find(result => result && !isSettled(result));
      if (blocked) return this.#record({ id, status: 'skipped', error: null, reason: `${blocked.id} failed` });
      const served = await this.#serve(work);
      if (served) return this.#record(served);
      await this.#run(work, free);
      return 'done';
    } catch (error) {
      return this.#record(failure(work.resolved.node, error));
    }
  }

  /** Once this resolves, every node has its result. */
  async finish(): Promise<void> {
    if (this.#recording.length > 0) (await this.#context.session()).flushIdentities();
    await Promise.all(this.#recording);
  }

  /** What a failure kept from its turn: kept where there was nothing to do for it, skipped else. */
  async leave(id: NodeId, because: { readonly failed: NodeId; readonly depends: boolean }): Promise<void> {
    const work = this.#work.get(id);
    const idle =
      work?.planned === 'reuse' &&
      work.resolved.node.inputs.every(input => this.results.get(input.id)?.status === 'reused');
    if (idle && !because.depends) await this.settle(id, () => undefined);
    else this.#skip(id, because);
  }

  #skip(id: NodeId, because: { readonly failed: NodeId; readonly depends: boolean }): void {
    const reason = because.depends
      ? `depends on ${because.failed}, which failed`
      : `not started: ${because.failed} failed`;
    this.#record({ id, status: 'skipped', error: null, reason });
  }

  #record(result: NodeResult): TaskOutcome {
    this.results.set(result.id, result);
    const { id, status } = result;
    if (!isSettled(result)) this.#tell({ id, status, rows: null, seconds: null, message: result.reason });
    else if (status !== 'reused')
      this.#tell({ id, status, rows: result.artefact.rows, seconds: result.seconds, message: null });
    return isSettled(result) ? 'done' : 'failed';
  }

  #tell(finished: Omit<NodeFinished, 'kind'>): void {
    this.#context.world.emit({ kind: 'node-finished', ...finished });
  }

  #keep(work: TransformWork, { artefact: id, fingerprint }: Pick<GenerationNode, 'artefact' | 'fingerprint'>): Settled {
    const artefact = this.#context.writer.artefact(id);
    if (!artefact) throw damaged(`target/store/ledger.jsonl, without the output of ${work.resolved.node.id},`);
    return { id: work.resolved.node.id, status: 'reused', artefact, fingerprint, seconds: null, reason: work.reason };
  }

  /** The first artefact that stands beside the very inputs it was built from, or beside equal ones. */
  async #serve(work: TransformWork): Promise<Settled | null> {
    for (const candidate of work.candidates) {
      const fit = await fitOf(candidate, work.analysis, this.#surroundings);
      if (fit === 'no') continue;
      const artefact = this.#context.writer.artefact(candidate.artefact);
      if (!artefact) continue;
      const { id } = work.resolved.node;
      this.#context.writer.name(work.analysis.fingerprint, artefact.id);
      const cut = work.planned === 'run' && fit === 'equal';
      const reason = fit === 'equal' ? 'all that it reads of its rebuilt inputs came out equal' : work.reason;
      const status = cut ? 'cut_off' : 'reused';
      return { id, status, artefact, fingerprint: work.analysis.fingerprint, seconds: null, reason };
    }
    return null;
  }

  async #run(work: TransformWork, free: () => void): Promise<void> {
    const { id } = work.resolved.node;
    if (this.#context.options.onlyReuse === true) throw new ToolError('moved-on', work.reason);
    this.#context.world.emit({ kind: 'node-started', id });
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#runOnce(work, free);
      } catch (error) {
        if (attempt >= this.#context.options.retry || this.#context.world.signal.aborted) throw error;
        this.#context.world.emit({
          kind: 'notice',
          text: `${id} failed, trying again (${attempt + 1} of ${this.#context.options.retry})`,
        });
      }
    }
  }

  async #runOnce(work: TransformWork, free: () => void): Promise<void> {
    const { writer, world } = this.#context;
    const { node, sql } = work.resolved;
    const session = await this.#context.session();
    const started = performance.now();
    const into = writer.temporaryPath('.parquet');
    const written = await session.writeQuery({
      prepare: sql.prepare,
      query: sql.query.text,
      inputs: node.inputs.map(input => this.#inputView(input.id)),
      ...computedColumns(work.analysis),
      into,
      signal: world.signal,
    });
    const seconds = Math.round(performance.now() - started) / 1000;
    free();
    const placed = await this.#place(into);
    this.#outputs.set(node.id, { id: placed.id, ...written });
    if (this.#read.has(node.id)) session.offerFile(this.#inputView(node.id));
    this.#tell({ id: node.id, status: 'executed', rows: written.rows, seconds, message: null });
    const draft = {
      node: node.id,
      ...written,
      inputs: Object.fromEntries(work.analysis.reads.map(read => [read.input, this.#artefactOf(read.input)?.id ?? ''])),
      endpoints: [],
      seconds,
      at: world.now().toISOString(),
    };
    const identity = session.identityBeside(writer.artefactPath(placed.id), written, world.signal);
    const recorded = identity.then(found => this.#keepOutput(work, placed, { ...draft, identity: found }));
    this.#recording.push(recorded.catch(error => void this.#record(failure(node, error))));
  }

  /** Files may be saved at the same time; nodes end in the order in which they were written. */
  #place(temporary: string): Promise<PlacedArtefact> {
    const placed = this.#context.writer.placeArtefact(temporary);
    const before = this.#placing;
    this.#placing = Promise.allSettled([before, placed]);
    return before.then(() => placed);
  }

  #keepOutput({ resolved, analysis, reason }: TransformWork, placed: PlacedArtefact, draft: ArtefactDraft): void {
    const { writer } = this.#context;
    const artefact = writer.recordArtefact(placed, draft);
    const { fingerprint } = analysis;
    writer.name(fingerprint, artefact.id);
    const { id } = resolved.node;
    this.results.set(id, { id, status: 'executed', artefact, fingerprint, seconds: draft.seconds, reason });
  }

  #inputView(id: NodeId): { schema: string; name: string; path: string } {
    const artefact = this.#artefactOf(id);
    if (!artefact) throw new Error(`${id} has no artefact`);
    const dot = id.indexOf('.');
    return { schema: id.slice(0, dot), name: id.slice(dot + 1), path: this.#context.writer.artefactPath(artefact.id) };
  }

  #artefactOf(id: NodeId): Output | null {
    const output = this.#outputs.get(id);
    if (output) return output;
    const result = this.results.get(id);
    return result && isSettled(result) ? result.artefact : null;
  }
}

function computedColumns({ columns, computed }: NodeAnalysis): { readonly columns?: readonly Column[] } {
  return computed ? { columns: columns.map(({ name }, index) => ({ name, type: computed[index] ?? '' })) } : {};
}
