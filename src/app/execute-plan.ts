import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { Candidate } from '../core/plan/build-plan.ts';
import type { Column, NodeId } from '../core/project/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { ExecutionSession } from '../engine/execution-session.ts';
import type { ArtefactRecord, GenerationNode } from '../store/records.ts';
import type { StoreWriter } from '../store/store-writer.ts';
import type { ResolvedNode } from './desired-node.ts';
import { runSchedule, type TaskOutcome } from './schedule.ts';
import type { World } from './world.ts';

export interface ExecutionOptions {
  readonly continueOnError: boolean;
  /** How often a failed node is tried again. */
  readonly retry: number;
  readonly workers: number;
  /** Runs nothing: a node without a usable artefact fails, as `moved-on`. */
  readonly onlyReuse?: boolean;
}

/** A node that has its artefact. */
export interface Settled {
  readonly id: NodeId;
  readonly status: 'executed' | 'reused' | 'cut_off';
  readonly artefact: ArtefactRecord;
  readonly fingerprint: string;
  /** Seconds spent on it now; null where nothing ran. */
  readonly seconds: number | null;
  readonly reason: string;
}

export interface Unsettled {
  readonly id: NodeId;
  readonly status: 'failed' | 'skipped';
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly reason: string;
}

export type NodeResult = Settled | Unsettled;

export const isSettled = (result: NodeResult): result is Settled => 'artefact' in result;

export interface TransformWork {
  readonly resolved: ResolvedNode;
  readonly analysis: NodeAnalysis;
  /** What the plan said: a node that was to run and is not is cut off. */
  readonly planned: 'run' | 'reuse';
  readonly reason: string;
  /** Artefacts that may serve, best first; empty to run in any case. */
  readonly candidates: readonly Candidate[];
  /** What production holds of a node that was not selected: kept as it is. */
  readonly held: Pick<GenerationNode, 'artefact' | 'fingerprint'> | null;
}

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
  await runSchedule(
    work.map(entry => ({ id: entry.resolved.node.id, inputs: entry.resolved.node.inputs.map(input => input.id) })),
    {
      workers: context.options.workers,
      continueOnError: context.options.continueOnError,
      signal: context.world.signal,
      run: id => execution.settle(id),
      skip: (id, because) => execution.skip(id, because),
    },
  );
  return execution.results;
}

class Execution {
  readonly results: Map<NodeId, NodeResult>;
  readonly #work: ReadonlyMap<NodeId, TransformWork>;
  readonly #context: ExecutionContext;
  readonly #toRun: number;
  #started = 0;

  constructor(work: readonly TransformWork[], context: ExecutionContext) {
    this.results = new Map(context.settled);
    this.#work = new Map(work.map(entry => [entry.resolved.node.id, entry]));
    this.#context = context;
    this.#toRun = work.filter(entry => entry.planned === 'run').length;
  }

  async settle(id: NodeId): Promise<TaskOutcome> {
    const work = this.#work.get(id);
    if (!work) throw new Error(`${id} was never planned`);
    try {
      if (work.held) return this.#record(this.#keep(work, work.held));
      const blocked = work.resolved.node.inputs
        .map(input => this.results.get(input.id))
        .find(result => result && !isSettled(result));
      if (blocked) return this.#record({ id, status: 'skipped', error: null, reason: `${blocked.id} failed` });
      const served = await this.#serve(work);
      return this.#record(served ?? (await this.#run(work)));
    } catch (error) {
      return this.#record({ id, status: 'failed', error: errorOf(error), reason: errorOf(error).message });
    }
  }

  skip(id: NodeId, because: { readonly failed: NodeId; readonly depends: boolean }): void {
    const reason = because.depends
      ? `depends on ${because.failed}, which failed`
      : `not started: ${because.failed} failed`;
    this.#record({ id, status: 'skipped', error: null, reason });
  }

  #record(result: NodeResult): TaskOutcome {
    this.results.set(result.id, result);
    const quiet = result.status === 'reused';
    if (!quiet) {
      this.#context.world.emit({
        kind: 'node-finished',
        id: result.id,
        status: result.status,
        rows: isSettled(result) ? result.artefact.rows : null,
        seconds: isSettled(result) ? result.seconds : null,
        message: isSettled(result) ? null : result.reason,
      });
    }
    return isSettled(result) ? 'done' : 'failed';
  }

  #keep(work: TransformWork, { artefact: id, fingerprint }: Pick<GenerationNode, 'artefact' | 'fingerprint'>): Settled {
    const artefact = this.#context.writer.artefact(id);
    if (!artefact) throw new Error(`artefact ${id} of ${work.resolved.node.id} is not in the ledger`);
    return { id: work.resolved.node.id, status: 'reused', artefact, fingerprint, seconds: null, reason: work.reason };
  }

  /** The first artefact that stands beside the very inputs it was built from, or beside equal ones. */
  async #serve(work: TransformWork): Promise<Settled | null> {
    for (const candidate of work.candidates) {
      const fit = await this.#fits(candidate, work.analysis);
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

  async #fits(candidate: Candidate, analysis: NodeAnalysis): Promise<'same' | 'equal' | 'no'> {
    let fit: 'same' | 'equal' = 'same';
    for (const read of analysis.reads) {
      const built = candidate.inputs[read.input];
      const now = this.#artefactOf(read.input);
      if (built === undefined || !now) return 'no';
      if (built === now.id) continue;
      if (!(await this.#equal(built, now, read))) return 'no';
      fit = 'equal';
    }
    return fit;
  }

  async #equal(built: string, now: ArtefactRecord, read: NodeAnalysis['reads'][number]): Promise<boolean> {
    const { writer } = this.#context;
    const known = writer.equalKnown(built, now.id, read.columns, read.order);
    if (known !== null) return known;
    const before = writer.artefact(built);
    if (!before || before.rows !== now.rows || !sameTypes(before, now, read.columns)) return false;
    if (!(await this.#context.isWhole(built))) return false;
    const session = await this.#context.session();
    const columns = now.columns.filter(column => read.columns.includes(column.name));
    const options = { columns, ordered: read.order };
    const a = await session.identityOf(writer.artefactPath(built), options);
    const b = await session.identityOf(writer.artefactPath(now.id), options);
    writer.recordEqual(built, now.id, read.columns, read.order, a.identity === b.identity);
    return a.identity === b.identity;
  }

  async #run(work: TransformWork): Promise<Settled> {
    const { id } = work.resolved.node;
    if (this.#context.options.onlyReuse === true) throw new ToolError('moved-on', work.reason);
    this.#started += 1;
    this.#context.world.emit({
      kind: 'node-started',
      id,
      index: this.#started,
      total: Math.max(this.#toRun, this.#started),
    });
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#runOnce(work);
      } catch (error) {
        if (attempt >= this.#context.options.retry || this.#context.world.signal.aborted) throw error;
        this.#context.world.emit({
          kind: 'notice',
          text: `${id} failed, trying again (${attempt + 1} of ${this.#context.options.retry})`,
        });
      }
    }
  }

  async #runOnce(work: TransformWork): Promise<Settled> {
    const { writer, world } = this.#context;
    const { node, sql } = work.resolved;
    if (sql === null) throw new Error(`${node.id} is no transform`);
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
    const artefact = await writer.adoptArtefact(into, {
      node: node.id,
      columns: written.columns,
      rows: written.rows,
      identity: written.identity,
      inputs: Object.fromEntries(work.analysis.reads.map(read => [read.input, this.#artefactOf(read.input)?.id ?? ''])),
      endpoints: [],
      seconds,
      at: world.now().toISOString(),
    });
    writer.name(work.analysis.fingerprint, artefact.id);
    return {
      id: node.id,
      status: 'executed',
      artefact,
      fingerprint: work.analysis.fingerprint,
      seconds,
      reason: work.reason,
    };
  }

  #inputView(id: NodeId): { schema: string; name: string; path: string } {
    const artefact = this.#artefactOf(id);
    if (!artefact) throw new Error(`${id} has no artefact`);
    const dot = id.indexOf('.');
    return { schema: id.slice(0, dot), name: id.slice(dot + 1), path: this.#context.writer.artefactPath(artefact.id) };
  }

  #artefactOf(id: NodeId): ArtefactRecord | null {
    const result = this.results.get(id);
    return result && isSettled(result) ? result.artefact : null;
  }
}

function computedColumns({ columns, computed }: NodeAnalysis): { readonly columns?: readonly Column[] } {
  return computed ? { columns: columns.map(({ name }, index) => ({ name, type: computed[index] ?? '' })) } : {};
}

function sameTypes(a: ArtefactRecord, b: ArtefactRecord, columns: readonly string[]): boolean {
  const typeIn = (record: ArtefactRecord, name: string) => record.columns.find(column => column.name === name)?.type;
  return columns.every(name => typeIn(a, name) !== undefined && typeIn(a, name) === typeIn(b, name));
}

/** What a result says of an error; the first line of DuckDB's is enough. */
export function errorOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof ToolError) return { code: error.code, message: error.message };
  return {
    code: 'query-failed',
    message: error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error),
  };
}
