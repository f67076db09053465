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

/** Each running query holds a thread of the pool that file reads need. */
const MOST_WORKERS = 3;

/** One node at a time without `--parallel`; DuckDB uses all cores either way. Throws `bad-option`. */
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
  throw new ToolError('bad-option', `${flag} must be a whole number, at least ${least}.`);
}
