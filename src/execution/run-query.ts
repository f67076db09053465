import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { ArtefactDraft, ArtefactRecord } from '../core/state/artefact.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';
import type { InputTable } from '../engine/execution/input-views.ts';
import type { WrittenFile } from '../engine/execution/write-file.ts';
import type { PlacedArtefact } from '../store/artefacts/artefact-files.ts';
import type { ExecutionTools } from './execution-tools.ts';
import type { Settled } from './node-result.ts';
import type { QueryWork } from './query-work.ts';

/** The output of a node; its content identity may not be computed yet. */
export type Output = Pick<ArtefactRecord, 'id' | 'place' | 'columns' | 'rows' | 'endpoints'>;

export interface QueryRunnerOptions {
  readonly tools: Pick<ExecutionTools, 'world' | 'writer' | 'execution'>;
  /** Nodes that a query of this plan reads. */
  readonly read: ReadonlySet<NodeId>;
  /** The current output of a node; null if it has none yet. */
  outputOf(id: NodeId): Output | null;
}

/** A query that ran. Others may read its output before it is recorded. */
export interface RanQuery {
  readonly output: Output;
  readonly seconds: number;
  /** Resolves when the store has recorded the artefact and its content identity. */
  readonly recorded: Promise<Settled>;
}

/** Runs queries into the store. */
export class QueryRunner {
  readonly #options: QueryRunnerOptions;
  #placing: Promise<unknown> = Promise.resolve();

  constructor(options: QueryRunnerOptions) {
    this.#options = options;
  }

  /** Calls `free` when another query may start. */
  async run(work: QueryWork, free: () => void): Promise<RanQuery> {
    const { writer, world, execution } = this.#options.tools;
    const session = await execution();
    const started = performance.now();
    const into = writer.temporaryPath('.parquet');
    const written = await session.writeQuery({
      prepare: work.sql.prepare,
      query: work.sql.query.text,
      inputs: work.node.inputs.map(input => this.#inputTable(input.id)),
      ...computedColumns(work.analysis),
      into,
      signal: world.signal,
    });
    const seconds = Math.round(performance.now() - started) / 1000;
    free();
    const placed = await this.#place(into);
    const endpoints = this.#endpointsOf(work);
    if (this.#options.read.has(work.node.id)) session.offerTable({ ...tableOf(work.node.id), place: placed.place });
    return {
      output: { ...placed, columns: written.columns, rows: written.rows, endpoints },
      seconds,
      recorded: this.#record(work, session, { placed, written, seconds, endpoints }),
    };
  }

  async #record(
    work: QueryWork,
    session: ExecutionSession,
    { placed, written, seconds, endpoints }: Placed,
  ): Promise<Settled> {
    const { writer, world } = this.#options.tools;
    const draft: Omit<ArtefactDraft, 'identity'> = {
      node: work.node.id,
      ...written,
      inputs: this.#inputsOf(work.analysis),
      endpoints,
      seconds,
      at: world.now().toISOString(),
    };
    const content = await session.identityBeside(placed.place, written, world.signal);
    const artefact = writer.recordArtefact(placed, { ...draft, ...content });
    const { fingerprint } = work.analysis;
    writer.name(fingerprint, artefact.id);
    const { id } = work.node;
    return { id, status: 'executed', artefact, fingerprint, seconds, reason: work.action.line.reason };
  }

  /** Files are saved concurrently; nodes finish in the order in which they were written. */
  #place(temporary: string): Promise<PlacedArtefact> {
    const placed = this.#options.tools.writer.placeArtefact(temporary);
    const before = this.#placing;
    this.#placing = Promise.allSettled([before, placed]);
    return before.then(() => placed);
  }

  #inputsOf({ reads }: NodeAnalysis): Readonly<Record<string, string>> {
    return Object.fromEntries(reads.map(({ input }) => [input, this.#options.outputOf(input)?.id ?? '']));
  }

  /** The servers that the data of all inputs came from. */
  #endpointsOf({ node }: QueryWork): readonly string[] {
    const all = node.inputs.flatMap(({ id }) => this.#options.outputOf(id)?.endpoints ?? []);
    return [...new Set(all)].sort();
  }

  #inputTable(id: NodeId): InputTable {
    const output = this.#options.outputOf(id);
    if (!output) throw new Error(`${id} has no artefact`);
    return { ...tableOf(id), place: output.place };
  }
}

interface Placed {
  readonly placed: PlacedArtefact;
  readonly written: WrittenFile;
  readonly seconds: number;
  readonly endpoints: readonly string[];
}

function tableOf(id: NodeId): Omit<InputTable, 'place'> {
  const dot = id.indexOf('.');
  return { schema: id.slice(0, dot), name: id.slice(dot + 1) };
}

function computedColumns({ columns, computed }: NodeAnalysis): { readonly columns?: readonly Column[] } {
  return computed ? { columns: columns.map(({ name }, index) => ({ name, type: computed[index] ?? '' })) } : {};
}
