import type { PlannedTarget, TargetOutcome } from '../../../core/plan/targets/target-action.ts';
import { type FailureText, failureTextOf } from '../../../diagnostics/failure-text.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { AttachedDatabase } from '../../../engine/attached/attached-database.ts';
import type { TargetWrite, WriteProgress } from '../../target-connector.ts';
import { interrupted } from '../open-connection.ts';
import { checkArtefact } from './check-artefact.ts';
import { loadRows } from './load-rows.ts';
import { createsTable, type LoadedTarget } from './loaded-target.ts';
import { quoteTable } from './locate-table.ts';
import { isFinalStaging, keyIndex } from './new-table.ts';
import type { PostgresDetails } from './plan-target.ts';
import { prepareTarget } from './prepare-targets.ts';
import { assertNothingMore, assertSamePlan } from './same-plan.ts';
import { createStaging, dropLeftStagings, dropStaging, keepingAlive, newStagingName } from './staging-table.ts';
import { contextOfPlan, countedWith, surveyTarget } from './survey-target.ts';
import { type SwitchedTarget, switchTargets } from './switch-targets.ts';
import { targetFailure } from './target-failure.ts';
import type { TargetSession } from './target-session.ts';

type Write = TargetWrite<PostgresDetails>;

/** A target that is being written. It is removed from the list when it fails. */
interface Attempt extends LoadedTarget {
  readonly index: number;
  seconds: number;
}

/** Writes targets of one connection; one outcome each, in order. */
export async function writeTargets(
  session: TargetSession,
  writes: readonly Write[],
  progress: WriteProgress,
): Promise<readonly TargetOutcome[]> {
  const writing = new TargetWriting(session, writes, progress);
  try {
    return await writing.run();
  } finally {
    await session.close();
  }
}

/** Holds what a write has reached: the outcomes so far, and the database that loads. */
class TargetWriting {
  readonly #session: TargetSession;
  readonly #writes: readonly Write[];
  readonly #progress: WriteProgress;
  readonly #outcomes: (TargetOutcome | null)[];

  constructor(session: TargetSession, writes: readonly Write[], progress: WriteProgress) {
    this.#session = session;
    this.#writes = writes;
    this.#progress = progress;
    this.#outcomes = writes.map(() => null);
  }

  async run(): Promise<readonly TargetOutcome[]> {
    const planned = await this.#each(this.#writes.map(attemptOf), attempt => this.#planAgain(attempt));
    if (planned.length > 0) await this.#stage(planned);
    // Every attempt has switched or failed.
    return this.#outcomes.map(outcome => outcome!);
  }

  /** Runs a step for each target, and removes those that fail from the list. */
  async #each<T extends Attempt>(attempts: readonly T[], step: (attempt: T) => Promise<T>): Promise<readonly T[]> {
    const passed: T[] = [];
    for (const attempt of attempts) {
      try {
        passed.push(await step(attempt));
      } catch (error) {
        this.#fail(attempt, error);
      }
    }
    return passed;
  }

  #fail({ plan, index }: Attempt, error: unknown): void {
    // DuckDB and the server report the interruption each in their own way.
    if (this.#session.servers.signal.aborted) throw interrupted();
    this.#outcomes[index] = behind(plan, targetFailure(error, { plan, user: this.#session.settings.user }));
  }

  async #planAgain(attempt: Attempt): Promise<Attempt> {
    const { write } = attempt;
    const context = contextOfPlan(write.planned, { ...write.request, columns: write.columns });
    const now = await this.#session.transaction(context.shown, client =>
      surveyTarget(client, context, countedWith(client)),
    );
    if (write.planned.details.columns === null) assertNothingMore(write.planned, now);
    else assertSamePlan(write.planned, now);
    // Both checks throw for a target that is refused now.
    const plan = now as PlannedTarget<PostgresDetails>;
    return { ...attempt, plan, staging: stagingOf(plan, write) };
  }

  /** Everything from here on may leave staging tables, which other commands must know to be alive. */
  async #stage(attempts: readonly Attempt[]): Promise<void> {
    const { servers, settings } = this.#session;
    let loader: AttachedDatabase | null = null;
    try {
      loader = await servers.loader(settings);
      const database = loader;
      const names = attempts.map(({ staging }) => staging.name);
      await keepingAlive(await servers.own(settings), names, () => this.#loadAndSwitch(attempts, database));
    } catch (error) {
      for (const attempt of attempts) if (this.#outcomes[attempt.index] === null) this.#fail(attempt, error);
    } finally {
      await loader?.close();
    }
  }

  async #loadAndSwitch(attempts: readonly Attempt[], loader: AttachedDatabase): Promise<void> {
    const session = this.#session;
    try {
      const prepared = await this.#each(attempts, async attempt => {
        await prepareTarget(session, attempt.plan, attempt.write.request.mark);
        return attempt;
      });
      await this.#dropLeft(prepared);
      const staged = await this.#each(prepared, attempt => this.#createStaging(attempt));
      const loaded = await this.#each(staged, attempt => this.#load(attempt, loader));
      if (loaded.length > 0) await this.#switch(loaded);
    } finally {
      for (const { staging, index } of attempts)
        if (this.#outcomes[index]?.kind !== 'written') await dropStaging(session, staging.name);
    }
  }

  async #dropLeft(attempts: readonly Attempt[]): Promise<void> {
    const schemas = new Map(attempts.map(({ plan, write }) => [plan.details.schema, write.request.mark]));
    for (const [schema, mark] of schemas) await dropLeftStagings(this.#session, schema, mark);
  }

  async #createStaging(attempt: Attempt): Promise<Attempt> {
    await this.#session.transaction(attempt.plan.table.name, client => client.run(createStaging(attempt.staging)));
    return attempt;
  }

  async #load(attempt: Attempt, loader: AttachedDatabase): Promise<Attempt> {
    const session = this.#session;
    const { write, plan, staging } = attempt;
    const start = performance.now();
    try {
      await loader.connected(async connection => {
        await checkArtefact(connection, write, session.servers.signal);
        await loadRows(connection, { session, write, staging, progress: this.#progress });
      });
      await this.#index(attempt);
    } catch (error) {
      // A failed load may have filled the disk that the others need.
      await dropStaging(session, staging.name);
      throw error;
    }
    return { ...attempt, plan, seconds: (performance.now() - start) / 1000 };
  }

  /** What makes the switch short: the index of a new table, and statistics for joins. */
  async #index({ plan, staging }: Attempt): Promise<void> {
    const on = quoteTable(staging.name);
    const index = staging.isFinal ? keyIndex({ ...plan, on, staging: staging.name }) : null;
    const isJoined = !createsTable({ plan }) && plan.target.mode.kind === 'upsert';
    const sql = index ?? (isJoined ? `ANALYZE ${on}` : null);
    if (sql !== null) await this.#session.transaction(plan.table.name, client => client.run(sql));
  }

  /** If the common switch fails, each target is tried alone, unless the common one may have been committed. */
  async #switch(attempts: readonly Attempt[]): Promise<void> {
    try {
      const switched = await switchTargets(this.#session, attempts);
      attempts.forEach((attempt, index) => this.#succeed(attempt, switched[index]!));
    } catch (error) {
      const isFinal = error instanceof ToolError && error.code === 'outcome-unknown';
      if (attempts.length === 1 || isFinal) for (const attempt of attempts) this.#fail(attempt, error);
      else for (const attempt of attempts) await this.#switch([attempt]);
    }
  }

  #succeed({ plan, index, seconds }: Attempt, switched: SwitchedTarget): void {
    this.#outcomes[index] = {
      kind: 'written',
      table: { ...plan.table, id: switched.id },
      rows: switched.rows,
      seconds: seconds + switched.seconds,
      warnings: plan.warnings,
    };
  }
}

const attemptOf = (write: Write, index: number): Attempt => ({
  ...{ write, index, plan: write.planned, staging: stagingOf(write.planned, write), seconds: 0 },
});

function stagingOf(plan: PlannedTarget<PostgresDetails>, { request }: Write): LoadedTarget['staging'] {
  const columns = plan.details.columns ?? [];
  const isFinal = createsTable({ plan }) && isFinalStaging(columns);
  return { name: newStagingName(plan.details.schema), columns, isFinal, mark: request.mark };
}

const behind = ({ table: { endpoint, name } }: PlannedTarget, failure: FailureText): TargetOutcome => ({
  ...{ kind: 'behind', table: { endpoint, name }, failure },
});

/** The outcomes of writes whose connection cannot be used at all. */
export const allBehind = (writes: readonly Write[], error: ToolError): readonly TargetOutcome[] =>
  writes.map(({ planned }) => behind(planned, failureTextOf(error)));
