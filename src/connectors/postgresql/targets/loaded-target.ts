import type { PlannedTarget } from '../../../core/plan/targets/target-action.ts';
import type { TargetWrite } from '../../target-connector.ts';
import type { PostgresDetails } from './plan-target.ts';
import type { StagingTable } from './staging-table.ts';

/** A target whose rows are staged. */
export interface LoadedTarget {
  readonly write: TargetWrite<PostgresDetails>;
  readonly plan: PlannedTarget<PostgresDetails>;
  readonly staging: StagingTable;
}

/** Whether the target's table does not exist yet, or is dropped first. */
export const createsTable = ({ plan }: Pick<LoadedTarget, 'plan'>): boolean =>
  plan.steps.some(({ kind }) => kind === 'create-table');
