import type { TargetConnector } from '../../connectors/target-connector.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';

/** What planning targets needs. */
export interface TargetPlanTools {
  readonly state: Pick<StateSnapshot, 'lineage' | 'targetRecords'>;
  target(target: Pick<TargetDefinition, 'type'>): TargetConnector;
}
