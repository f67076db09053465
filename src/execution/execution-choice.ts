import { availableParallelism } from 'node:os';
import type { ProjectSettings } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { ExecutionOptions } from './execution-tools.ts';

/** Flags of the commands that execute nodes. */
export interface ExecutionChoice {
  readonly continueOnError?: boolean;
  readonly retry?: number;
  readonly parallel?: boolean;
  readonly maxWorkers?: number;
}

/** Every running query holds a thread of the pool that file reads wait for. */
const MOST_WORKERS = 3;

/** One node at a time unless `--parallel` asks for more; DuckDB itself uses every core in either case. */
export function executionOptions(choice: ExecutionChoice, settings: ProjectSettings): ExecutionOptions {
  assertWhole('--max-workers', choice.maxWorkers, 1);
  assertWhole('--retry', choice.retry, 0);
  const wanted = choice.maxWorkers ?? settings.maxWorkers ?? availableParallelism();
  return {
    continueOnError: choice.continueOnError === true,
    retry: choice.retry ?? 0,
    workers: choice.parallel === true ? Math.min(wanted, MOST_WORKERS) : 1,
  };
}

function assertWhole(flag: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new ToolError('bad-option', `${flag} takes a whole number from ${least} on.`);
}
