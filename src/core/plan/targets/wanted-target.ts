import type { NodeId } from '../../definition/nodes/node.ts';
import type { TargetDefinition } from '../../definition/nodes/target-definition.ts';
import type { EnvironmentName } from '../../environment/environment-name.ts';
import type { TargetRecord } from '../../state/target-record.ts';
import type { PhysicalTable } from './target-action.ts';

/** A node with its external targets and the artefact that they should show. */
export interface TargetNode {
  readonly id: NodeId;
  /** null until it is made. */
  readonly artefact: string | null;
  readonly targets: readonly TargetDefinition[];
}

/** A table without the server's id of it. */
export type LocatedTable = Omit<PhysicalTable, 'id'>;

/**
 * Whether an environment writes the targets of a node: production all of them, every other environment those that differ
 * from production's in artefact or definition. `base` is the node in production; undefined if production does not have it.
 */
export function ownsTargets(
  environment: EnvironmentName | null,
  node: TargetNode,
  base: TargetNode | undefined,
): boolean {
  if (node.targets.length === 0) return false;
  if (environment === null || base === undefined || node.artefact === null) return true;
  return base.artefact !== node.artefact || textOf(base.targets) !== textOf(node.targets);
}

const textOf = (targets: readonly TargetDefinition[]): string =>
  JSON.stringify(targets.map(target => ({ ...target, at: null })));

/** The record of a table, among those of one environment. */
export const recordOf = (records: readonly TargetRecord[], table: LocatedTable): TargetRecord | null =>
  records.find(record => record.table.endpoint === table.endpoint && record.table.name === table.name) ?? null;

/** Whether a table does not show a node's artefact in the target's mode, as far as the records tell. */
export const isBehind = (
  record: TargetRecord | null,
  { id, artefact }: Pick<TargetNode, 'id' | 'artefact'>,
  target: Pick<TargetDefinition, 'mode'>,
): boolean =>
  record === null ||
  artefact === null ||
  record.artefact !== artefact ||
  record.node !== id ||
  isOtherwise(record, target);

/** Rows that were added or merged stay when the mode changes; only appending them again would repeat them. */
const isOtherwise = ({ mode }: TargetRecord, { mode: { kind } }: Pick<TargetDefinition, 'mode'>): boolean =>
  mode !== undefined && mode !== kind && kind !== 'append';

/** Whether a record is of a target, as definitions name it. */
export const meansSame = ({ type, connection, defined }: TargetRecord, target: TargetDefinition): boolean =>
  type === target.type && connection === target.connection && defined === target.table;

/** Whether a record is of a table that was written, and that was not dropped with its schema. */
export const wasWritten = ({ table, dropped }: TargetRecord): boolean => table.id !== null && dropped !== true;
