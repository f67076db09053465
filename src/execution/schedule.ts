/** How one task of a schedule ended. */
export type TaskOutcome = 'done' | 'failed';

export interface ScheduledTask<Id extends string> {
  readonly id: Id;
  readonly inputs: readonly Id[];
}

export interface ScheduleOptions<Id extends string> {
  /** Number of tasks that run at once, at least 1. */
  readonly workers: number;
  /** Whether to continue with tasks that do not depend on a failure. */
  readonly continueOnError: boolean;
  readonly signal: AbortSignal;
  /** Tasks that failed before the schedule started. */
  readonly failed?: readonly Id[];
  /** A task may call `free` to let another start while it finishes; dependent tasks wait for its outcome. */
  run(id: Id, free: () => void): Promise<TaskOutcome>;
  /** Called once for each task that never starts, with the failed task that caused it. */
  skip(id: Id, because: { readonly failed: Id; readonly depends: boolean }): void;
}

/** Runs tasks in dependency order, otherwise in the given order. Does not reject if a task fails. */
export async function runSchedule<Id extends string>(
  tasks: readonly ScheduledTask<Id>[],
  options: ScheduleOptions<Id>,
): Promise<void> {
  const state = new ScheduleState(tasks, options.failed ?? []);
  await new Promise<void>((resolve, reject) => {
    const advance = () => {
      while (state.running < options.workers && !stopped(state, options)) {
        const id = state.takeReady();
        if (id === undefined) break;
        const free = () => {
          if (state.free(id)) advance();
        };
        options.run(id, free).then(outcome => {
          state.finish(id, outcome);
          advance();
        }, reject);
      }
      if (state.open === 0) resolve();
    };
    advance();
  });
  for (const skipped of state.skipped()) options.skip(skipped.id, skipped);
}

const stopped = <Id extends string>(state: ScheduleState<Id>, options: ScheduleOptions<Id>): boolean =>
  options.signal.aborted || (state.failed.length > 0 && !options.continueOnError);

class ScheduleState<Id extends string> {
  readonly failed: Id[];
  readonly #tasks: readonly ScheduledTask<Id>[];
  readonly #consumers = new Map<Id, Id[]>();
  readonly #waiting = new Map<Id, number>();
  readonly #ready: Id[] = [];
  readonly #ended = new Set<Id>();
  /** Started tasks that have not ended, and those that hold a worker. */
  readonly #open = new Set<Id>();
  readonly #working = new Set<Id>();

  constructor(tasks: readonly ScheduledTask<Id>[], failed: readonly Id[]) {
    this.#tasks = tasks;
    this.failed = [...failed];
    const known = new Set(tasks.map(task => task.id));
    for (const task of tasks) {
      const inputs = [...new Set(task.inputs)].filter(input => known.has(input));
      this.#waiting.set(task.id, inputs.length);
      for (const input of inputs) this.#consumers.set(input, [...(this.#consumers.get(input) ?? []), task.id]);
      if (inputs.length === 0) this.#ready.push(task.id);
    }
  }

  get running(): number {
    return this.#working.size;
  }

  get open(): number {
    return this.#open.size;
  }

  takeReady(): Id | undefined {
    const id = this.#ready.shift();
    if (id !== undefined) {
      this.#open.add(id);
      this.#working.add(id);
    }
    return id;
  }

  /** Returns false if it was already free. */
  free(id: Id): boolean {
    return this.#working.delete(id);
  }

  finish(id: Id, outcome: TaskOutcome): void {
    this.free(id);
    this.#open.delete(id);
    this.#ended.add(id);
    if (outcome === 'failed') {
      this.failed.push(id);
      return;
    }
    for (const consumer of this.#consumers.get(id) ?? []) {
      const left = (this.#waiting.get(consumer) ?? 1) - 1;
      this.#waiting.set(consumer, left);
      if (left === 0) this.#ready.push(consumer);
    }
  }

  /** Tasks that never started because of a failure, with the failure that they depend on, otherwise the first one. */
  skipped(): readonly { readonly id: Id; readonly failed: Id; readonly depends: boolean }[] {
    const first = this.failed[0];
    if (first === undefined) return [];
    const blame = new Map<Id, Id>(this.failed.map(id => [id, id]));
    return this.#tasks
      .filter(task => !this.#ended.has(task.id))
      .map(task => {
        const culprit = task.inputs.map(input => blame.get(input)).find(id => id !== undefined);
        if (culprit !== undefined) blame.set(task.id, culprit);
        return { id: task.id, failed: culprit ?? first, depends: culprit !== undefined };
      });
  }
}
