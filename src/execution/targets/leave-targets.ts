import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { type TargetNode, wasWritten } from '../../core/plan/targets/wanted-target.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
import type { World } from '../../core/world.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import { tellableTargets } from './target-nodes.ts';

export interface LeaveTools {
  readonly writer: StoreWriter;
  readonly world: Pick<World, 'now' | 'variables'>;
}

/**
 * Records that the tables which an environment wrote, and which no target of these entries means any more, are left: others
 * may change or drop them, so a target that means one again is behind. Returns the records; nothing drops the tables.
 */
export async function leaveTargets(
  environment: EnvironmentName | null,
  entries: readonly GenerationNode[],
  { writer, world }: LeaveTools,
): Promise<readonly TargetRecord[]> {
  const records = writer.targetRecords(environment).filter(record => wasWritten(record) && record.left !== true);
  if (records.length === 0) return [];
  const { nodes, unknown } = tellableTargets(writer, entries, world);
  const left = records.filter(record => !unknown.has(record.node) && !isWanted(record, nodes, records));
  const at = world.now().toISOString();
  for (const record of left) await writer.recordTarget({ ...record, artefact: null, at, left: true });
  return left;
}

/** Whether a target still declares the table. Under a new connection name, it does until the target is written there. */
const isWanted = (record: TargetRecord, nodes: readonly TargetNode[], records: readonly TargetRecord[]): boolean =>
  nodes.some(({ targets }) =>
    targets.some(
      target => isNamed(record, target) && (record.connection === target.connection || !records.some(isOf(target))),
    ),
  );

const isNamed = ({ type, defined }: TargetRecord, target: TargetDefinition): boolean =>
  type === target.type && defined === target.table;

const isOf =
  (target: TargetDefinition) =>
  (record: TargetRecord): boolean =>
    isNamed(record, target) && record.connection === target.connection;
