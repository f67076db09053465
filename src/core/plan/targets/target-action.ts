import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { Column, NodeId } from '../../definition/nodes/node.ts';
import type { EnvironmentName } from '../../environment/environment-name.ts';
import type { TargetDefinition, WriteMode } from '../../definition/nodes/target-definition.ts';

/** A table outside the store. */
export interface PhysicalTable {
  /** Server and database, or catalogue and warehouse, without secrets. */
  readonly endpoint: string;
  /** With the environment's prefix, as plans and results show it. */
  readonly name: string;
  /** The server's id of the table, which changes if the table is recreated; null before it exists. */
  readonly id: string | null;
}

/** One step of writing a target. Columns have the types of the server. */
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

/** Who writes outside the store: what a store makes elsewhere carries both. */
export interface StoreMark {
  /** The store's random id; null before the store exists. */
  readonly lineage: string | null;
  /** null is production. */
  readonly environment: EnvironmentName | null;
}

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
