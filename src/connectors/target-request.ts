import type { NodeId } from '../core/definition/nodes/node.ts';
import type { Column } from '../core/definition/nodes/node.ts';
import type { TargetDefinition } from '../core/definition/nodes/target-definition.ts';
import type { StoreMark } from '../core/plan/targets/target-action.ts';
import { type LocatedTable, recordOf, wasWritten } from '../core/plan/targets/wanted-target.ts';
import type { TargetRecord } from '../core/state/target-record.ts';
import type { TargetRequest } from './target-connector.ts';

/** A target of a node, with the table that it means. */
export interface LocatedTarget {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  readonly table: LocatedTable;
}

export interface RequestContext {
  readonly mark: StoreMark;
  readonly adopt: boolean;
  /** What the environment wrote before. */
  readonly records: readonly TargetRecord[];
}

/** The request to plan or write a target. */
export function targetRequest(
  { node, target, table }: LocatedTarget,
  columns: readonly Column[] | null,
  { mark, adopt, records }: RequestContext,
): TargetRequest {
  const record = recordOf(records, table);
  const known = records.filter(each => wasWritten(each) && each.table.endpoint === table.endpoint);
  return {
    node,
    target,
    mark,
    columns,
    adopt,
    written: record !== null && wasWritten(record) ? record.table : null,
    known: known.map(each => each.table),
  };
}
