import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import { isBehind, meansSame, type TargetNode } from '../../core/plan/targets/wanted-target.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';

/** A target that does not show its node's artefact. */
export interface BehindTarget {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** As it was last written; as the definition names it if it never was. */
  readonly physical: string;
}

/** The targets of nodes that are behind, as the records of one environment tell; asks neither profile nor server. */
export const behindTargets = (
  nodes: readonly TargetNode[],
  records: readonly TargetRecord[],
): readonly BehindTarget[] =>
  nodes.flatMap(({ id, artefact, targets }) =>
    targets.flatMap((target): readonly BehindTarget[] => {
      const record = records.findLast(each => each.node === id && meansSame(each, target));
      if (record !== undefined && !isBehind(record, { id, artefact }, target)) return [];
      return [{ node: id, target, physical: record?.table.name ?? target.table }];
    }),
  );
