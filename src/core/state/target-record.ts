import type { NodeId } from '../definition/nodes/node.ts';
import type { TargetDefinition, WriteMode } from '../definition/nodes/target-definition.ts';
import type { EnvironmentName } from '../environment/environment-name.ts';
import type { PhysicalTable } from '../plan/targets/target-action.ts';

/** What an environment last wrote to a table outside the store. */
export interface TargetRecord {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  readonly node: NodeId;
  readonly type: TargetDefinition['type'];
  /** The names of connection and table in the definition when it was written. */
  readonly connection: string;
  readonly defined: string;
  /** How it was written; missing in records of older versions. */
  readonly mode?: WriteMode['kind'];
  readonly table: PhysicalTable;
  /**
   * The artefact whose rows were written last; null if none was, if a write was begun and its outcome is not known, or if the
   * table was dropped or left since.
   */
  readonly artefact: string | null;
  readonly rows: number;
  readonly at: string;
  /** Why the last attempt to write it failed; omitted if it succeeded. */
  readonly error?: { readonly code: string; readonly message: string };
  /** The table was dropped with its schema. */
  readonly dropped?: true;
  /** No target means the table any more. */
  readonly left?: true;
}
