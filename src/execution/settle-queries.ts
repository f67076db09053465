import type { NodeId } from '../core/definition/nodes/node.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { World } from '../core/world.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { KnownArtefacts } from '../store/artefacts/known-artefacts.ts';
import type { ExecutionOptions, ExecutionTools } from './execution-tools.ts';
import { failure, isSettled, type NodeResult, tellResult } from './node-result.ts';
import type { QueryWork } from './query-work.ts';
import { type Output, QueryRunner } from './run-query.ts';
import { serveQuery, type Serving } from './serve-query.ts';
import { runSchedule, type TaskOutcome } from './schedule.ts';

export interface SettleOptions {
  readonly plan: Pick<Plan, 'base' | 'shown' | 'upToDate'>;
  /** Results of nodes that are already settled. */
  readonly settled: ReadonlyMap<NodeId, NodeResult>;
  readonly options: ExecutionOptions;
  readonly tools: Pick<ExecutionTools, 'world' | 'writer' | 'artefacts' | 'execution'>;
}

/** Settles queries, inputs first: takes a usable artefact if there is one, otherwise runs the query. */
export async function settleQueries(
  work: readonly QueryWork[],
  context: SettleOptions,
): Promise<ReadonlyMap<NodeId, NodeResult>> {
  const settling = new Settling(work, context);
  const left: Parameters<Settling['leave']>[] = [];
  await runSchedule(
    work.map(({ node }) => ({ id: node.id, inputs: node.inputs.map(input => input.id) })),
    {
      workers: context.options.workers,
      continueOnError: context.options.continueOnError,
      signal: context.tools.world.signal,
      failed: [...context.settled.values()].filter(result => !isSettled(result)).map(result => result.id),
      run: (id, free) => settling.settle(id, free),
      skip: (id, because) => left.push([id, because]),
    },
  );
  for (const [id, because] of left) await settling.leave(id, because);
  await settling.finish();
  return settling.results;
}

interface Blame {
  readonly failed: NodeId;
  readonly depends: boolean;
}

class Settling {
  readonly results: Map<NodeId, NodeResult>;
  readonly #work: ReadonlyMap<NodeId, QueryWork>;
  readonly #context: SettleOptions;
  readonly #runner: QueryRunner;
  readonly #known: KnownArtefacts;
  /** Outputs of queries that ran, by node and by artefact. */
  readonly #outputs = new Map<NodeId, Output>();
  readonly #fresh = new Map<string, Output>();
  readonly #recording: Promise<void>[] = [];

  constructor(work: readonly QueryWork[], context: SettleOptions) {
    const { tools, settled } = context;
    this.results = new Map(settled);
    this.#work = new Map(work.map(entry => [entry.node.id, entry]));
    this.#context = context;
    const read = new Set(work.flatMap(({ node }) => node.inputs.map(input => input.id)));
    this.#runner = new QueryRunner({ tools, read, outputOf: id => this.#outputOf(id) });
    const { writer, artefacts, execution } = tools;
    this.#known = new KnownArtefacts({
      state: writer,
      artefacts,
      fresh: artefact => this.#fresh.get(artefact) ?? null,
      recordEqual: ({ a, b, columns, ordered }, equal) => writer.recordEqual(a, b, columns, ordered, equal),
      session: execution,
    });
  }

  /** Calls `free` when another query may start. */
  async settle(id: NodeId, free: () => void): Promise<TaskOutcome> {
    const work = this.#work.get(id);
    if (!work) throw new Error(`${id} is not in the plan`);
    try {
      const blocked = this.#inputResults(work).find(result => !isSettled(result));
      if (blocked) return this.#record({ id, status: 'skipped', error: null, reason: `${blocked.id} failed` });
      const served = await serveQuery(work, this.#serving());
      if (served) return this.#record(served);
      await this.#run(work, free);
      return 'done';
    } catch (error) {
      return this.#record(failure(work.node, error));
    }
  }

  /** Handles a query that never started because of a failure: settles it if nothing needs to run, otherwise skips it. */
  async leave(id: NodeId, { failed, depends }: Blame): Promise<void> {
    const work = this.#work.get(id);
    const idle =
      work !== undefined &&
      work.action.kind !== 'execute' &&
      this.#inputResults(work).every(({ status }) => status === 'reused');
    if (idle && !depends) return void (await this.settle(id, () => undefined));
    const reason = depends ? `depends on ${failed}, which failed` : `not started: ${failed} failed`;
    this.#record({ id, status: 'skipped', error: null, reason });
  }

  /** When this resolves, every node has its result. */
  async finish(): Promise<void> {
    if (this.#recording.length > 0) (await this.#context.tools.execution()).flushIdentities();
    await Promise.all(this.#recording);
  }

  #inputResults({ node }: QueryWork): readonly NodeResult[] {
    return node.inputs.flatMap(input => this.results.get(input.id) ?? []);
  }

  #serving(): Serving {
    return {
      plan: this.#context.plan,
      writer: this.#context.tools.writer,
      known: this.#known,
      artefactOf: id => this.#outputOf(id)?.id ?? null,
      isCutOff: id => this.results.get(id)?.status === 'cut_off',
    };
  }

  #record(result: NodeResult): TaskOutcome {
    this.results.set(result.id, result);
    if (result.status !== 'reused') tellResult(this.#context.tools.world, result);
    return isSettled(result) ? 'done' : 'failed';
  }

  async #run(work: QueryWork, free: () => void): Promise<void> {
    const { world } = this.#context.tools;
    const { onlyReuse, retry } = this.#context.options;
    const { id } = work.node;
    if (onlyReuse === true) throw new ToolError('moved-on', work.action.line.reason);
    world.emit({ kind: 'node-started', id });
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#runOnce(work, free);
      } catch (error) {
        if (attempt >= retry || world.signal.aborted) throw error;
        tellRetry(world, id, `${attempt + 1} of ${retry}`);
      }
    }
  }

  async #runOnce(work: QueryWork, free: () => void): Promise<void> {
    const { id } = work.node;
    const { output, seconds, recorded } = await this.#runner.run(work, free);
    this.#outputs.set(id, output);
    this.#fresh.set(output.id, output);
    const { world } = this.#context.tools;
    world.emit({ kind: 'node-finished', id, status: 'executed', rows: output.rows, seconds, message: null });
    this.#recording.push(
      recorded.then(
        result => {
          this.results.set(id, result);
          this.#fresh.delete(output.id);
        },
        (error: unknown) => void this.#record(failure(work.node, error)),
      ),
    );
  }

  #outputOf(id: NodeId): Output | null {
    const output = this.#outputs.get(id);
    if (output) return output;
    const result = this.results.get(id);
    return result && isSettled(result) ? result.artefact : null;
  }
}

const tellRetry = (world: Pick<World, 'emit'>, id: NodeId, which: string): void =>
  world.emit({ kind: 'notice', text: `${id} failed, trying again (${which})` });
