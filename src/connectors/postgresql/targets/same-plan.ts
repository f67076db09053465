import type { PlannedTarget, TargetAction, TargetStep } from '../../../core/plan/targets/target-action.ts';
import { ToolError, type ToolErrorDetails } from '../../../diagnostics/tool-error.ts';
import { toolErrorOf } from '../../../diagnostics/failure-text.ts';
import type { PostgresDetails } from './plan-target.ts';

/** Steps that are done before the switch. */
const PREPARED: ReadonlySet<TargetStep['kind']> = new Set(['create-schema', 'add-columns']);

/**
 * Checks that a plan still holds. Steps that are already done may be absent, and a table may have gained rows. Throws why the
 * target is refused now, or `target-changed`.
 */
export function assertSamePlan(planned: PlannedTarget<PostgresDetails>, now: TargetAction<PostgresDetails>): void {
  if (now.kind === 'refuse-target') throw toolErrorOf(now.failure);
  if (essence(planned) === essence(now)) return;
  throw tableChanged(planned.table.name);
}

/** The error for a table that is not as it was planned. */
export const tableChanged = (name: string): ToolError =>
  changed(name, { hint: 'Run the command again to plan for the table as it is now.' });

const changed = (name: string, details: ToolErrorDetails): ToolError =>
  new ToolError('target-changed', `${name} changed since it was planned.`, details);

/** Checks a plan that was made before the columns were known: what it drops must have been announced. */
export function assertNothingMore(planned: PlannedTarget<PostgresDetails>, now: TargetAction<PostgresDetails>): void {
  if (now.kind === 'refuse-target') throw toolErrorOf(now.failure);
  const isUnannounced = now.steps.some(step => step.kind === 'drop-table' && !isIn(planned.steps, step));
  if (!isUnannounced && now.table.id === planned.table.id) return;
  throw changed(planned.table.name, { hint: 'Run the command again to plan for the columns that are known now.' });
}

const isIn = (steps: readonly TargetStep[], step: TargetStep): boolean =>
  steps.some(other => JSON.stringify(other) === JSON.stringify(step));

function essence({ table, details, steps }: PlannedTarget<PostgresDetails>): string {
  const lasting = steps
    .filter(({ kind }) => !PREPARED.has(kind))
    .map(step => (step.kind === 'adopt-table' ? { ...step, rows: 0 } : step));
  return JSON.stringify([table, details, lasting]);
}
