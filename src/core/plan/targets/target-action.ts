import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { Column, NodeId } from '../../definition/nodes/node.ts';
import type { EnvironmentName } from '../../environment/environment-name.ts';
import type { JsonObject } from '../../json.ts';

/** How writing an artefact changes the rows of a table. */
export type WriteMode =
  /** Modes `full` and `overwrite`: the artefact's rows replace all rows. */
  | { readonly kind: 'replace' }
  | { readonly kind: 'append' }
  /** Replaces rows with an equal key; NULL equals NULL. */
  | { readonly kind: 'upsert'; readonly keys: readonly string[] }
  /** Replaces the rows of the artefact's period and of `lookback` milliseconds before it. */
  | { readonly kind: 'replace-period'; readonly timeColumn: string; readonly lookback: number };

/** One entry of a node's `materializations`, with all parameters filled in. */
export interface TargetDefinition {
  readonly type: 'postgresql' | 'iceberg';
  readonly connection: string;
  /** As in the definition, without an environment's prefix. */
  readonly table: string;
  readonly mode: WriteMode;
  /** If false, refuses a table that does not exist, and accepts one that this store never wrote. */
  readonly createTable: boolean;
  /** All other keys, such as `cascade`, `partition_by` and `keep_snapshots`. */
  readonly options: JsonObject;
}

/** A table outside the store. */
export interface PhysicalTable {
  /** Server and database, or catalogue and warehouse, without secrets. */
  readonly endpoint: string;
  /** With the environment's prefix, as plans and results show it. */
  readonly name: string;
  /** The server's id of the table, which changes if the table is recreated; null before it exists. */
  readonly id: string | null;
}

/** One step of writing a target. */
export type TargetStep =
  | { readonly kind: 'create-schema'; readonly name: string }
  | { readonly kind: 'create-table'; readonly columns: readonly Column[] }
  /** With `cascade`; `lost` lists the views, keys and grants that are dropped too. */
  | { readonly kind: 'drop-table'; readonly lost: readonly string[] }
  /** Takes over a table that is not empty and that this store never wrote. */
  | { readonly kind: 'adopt-table'; readonly rows: number; readonly owner: string | null }
  | { readonly kind: 'add-columns'; readonly columns: readonly Column[] }
  /** Changes types to wider ones that hold every value. */
  | { readonly kind: 'widen-columns'; readonly columns: readonly (Column & { readonly from: string })[] }
  | { readonly kind: 'write-rows'; readonly mode: WriteMode };

/** What writing a target would do. `details` are plain data that only the connector reads. */
export interface PlannedTarget<Details = unknown> {
  readonly kind: 'write-target';
  readonly node: NodeId;
  /** null is production. */
  readonly environment: EnvironmentName | null;
  readonly target: TargetDefinition;
  readonly table: PhysicalTable;
  readonly steps: readonly TargetStep[];
  /** Targets with the same value here change atomically together; null for a target that changes alone. */
  readonly atomicWith: string | null;
  readonly warnings: readonly string[];
  readonly details: Details;
}

/** A target that cannot be written: for example, its columns do not fit, or another tool owns the table. */
export interface RefusedTarget {
  readonly kind: 'refuse-target';
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** null if the table cannot be determined. */
  readonly table: Omit<PhysicalTable, 'id'> | null;
  readonly failure: FailureText;
}

/** The plan for one target of one node. */
export type TargetAction<Details = unknown> = PlannedTarget<Details> | RefusedTarget;

/** The outcome of writing one target. */
export type TargetOutcome =
  | {
      readonly kind: 'written';
      readonly table: PhysicalTable;
      /** Rows written now; 0 if an earlier attempt wrote them. */
      readonly rows: number;
      readonly seconds: number;
      readonly warnings: readonly string[];
    }
  /** The table is unchanged, unless the failure says that the server's answer was lost. */
  | { readonly kind: 'behind'; readonly table: Omit<PhysicalTable, 'id'>; readonly failure: FailureText };
