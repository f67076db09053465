import { type EnvironmentName, environmentPrefix } from '../../core/environment/environment-name.ts';
import { shownTableName, tableNameParts } from '../../core/definition/nodes/table-name.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import { isBehind, meansSame, type TargetNode } from '../../core/plan/targets/wanted-target.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';

/** A target that does not show its node's artefact. */
export interface BehindTarget {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** As it was last written; if it never was, the definition's name with the environment's prefix. */
  readonly physical: string;
}

/** The targets of nodes that are behind, as the records of one environment tell; asks neither profile nor server. */
export const behindTargets = (
  nodes: readonly TargetNode[],
  records: readonly TargetRecord[],
  environment: EnvironmentName | null = null,
): readonly BehindTarget[] =>
  nodes.flatMap(({ id, artefact, targets }) =>
    targets.flatMap((target): readonly BehindTarget[] => {
      const record = records.findLast(each => each.node === id && meansSame(each, target));
      if (record !== undefined && !isBehind(record, { id, artefact }, target)) return [];
      return [{ node: id, target, physical: record?.table.name ?? nameIn(target.table, environment) }];
    }),
  );

/** Without a schema in the name, only the connection's settings tell where the table is. */
function nameIn(table: string, environment: EnvironmentName | null): string {
  const parts = tableNameParts(table);
  if (environment === null || parts === null || parts.length < 2) return table;
  const prefix = `${environmentPrefix(environment)}_`;
  return shownTableName(parts.map((part, index) => (index === parts.length - 2 ? prefix + part : part)));
}
