import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { Column, NodeId } from '../../definition/nodes/node.ts';
import type { EnvironmentName } from '../../environment/environment-name.ts';
import type { JsonObject } from '../../json.ts';

/** How the rows of an artefact and those of a table become the table's new rows. */
export type WriteMode =
  /** `full` and `overwrite`: the artefact's rows replace all others. */
  | { readonly kind: 'replace' }
  | { readonly kind: 'append' }
  /** Rows with an equal key are replaced; NULL equals NULL. */
  | { readonly kind: 'upsert'; readonly keys: readonly string[] }
  /** Rows of the artefact's period are replaced, and of so many milliseconds before it. */
  | { readonly kind: 'replace-period'; readonly timeColumn: string; readonly lookback: number };

/** One entry of a node's `materializations`, with all parameters filled in. */
export interface TargetDefinition {
  readonly type: 'postgresql' | 'iceberg';
  readonly connection: string;
  /** As the definition names it, without an environment's prefix. */
  readonly table: string;
  readonly mode: WriteMode;
  /** False refuses a table that does not exist, and takes one that this store never wrote. */
  readonly createTable: boolean;
  /** All other keys, such as `cascade`, `partition_by` and `keep_snapshots`. */
  readonly options: JsonObject;
}

/** A table outside the store. */
export interface PhysicalTable {
  /** Server and database, or catalogue and warehouse, without secrets. */
  readonly endpoint: string;
  /** With the environment's prefix, as plans and results print it. */
  readonly name: string;
  /** The server's own id of the table, which a table made anew under the same name does not have; null before it is made. */
  readonly id: string | null;
}

/** One thing that writing does to a target, in the order in which it is done. */
export type TargetStep =
  | { readonly kind: 'create-schema'; readonly name: string }
  | { readonly kind: 'create-table'; readonly columns: readonly Column[] }
  /** With `cascade`: `lost` are the views, keys and grants that go with it. */
  | { readonly kind: 'drop-table'; readonly lost: readonly string[] }
  /** A table that is not empty and that this store never wrote: it is written from now on. */
  | { readonly kind: 'adopt-table'; readonly rows: number; readonly owner: string | null }
  | { readonly kind: 'add-columns'; readonly columns: readonly Column[] }
  /** Types become wider ones, which hold every value. */
  | { readonly kind: 'widen-columns'; readonly columns: readonly (Column & { readonly from: string })[] }
  | { readonly kind: 'write-rows'; readonly mode: WriteMode };

/** What writing a target would do. `details` belong to the connector that made them, and are plain data too. */
export interface PlannedTarget<Details = unknown> {
  readonly kind: 'write-target';
  readonly node: NodeId;
  /** null is production. */
  readonly environment: EnvironmentName | null;
  readonly target: TargetDefinition;
  readonly table: PhysicalTable;
  readonly steps: readonly TargetStep[];
  /** Targets of one name here change at one moment for all readers; null for one that changes by itself. */
  readonly atomicWith: string | null;
  readonly warnings: readonly string[];
  readonly details: Details;
}

/** Why a target cannot be written: its isolation cannot be derived, columns do not fit, the table belongs to others. */
export interface RefusedTarget {
  readonly kind: 'refuse-target';
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** null if that is what cannot be told. */
  readonly table: Omit<PhysicalTable, 'id'> | null;
  readonly failure: FailureText;
}

/** What a plan says of one target of one node. */
export type TargetAction<Details = unknown> = PlannedTarget<Details> | RefusedTarget;

/** What became of one target. */
export type TargetOutcome =
  | {
      readonly kind: 'written';
      readonly table: PhysicalTable;
      /** Written now; 0 if an earlier try had written them already. */
      readonly rows: number;
      readonly seconds: number;
      readonly warnings: readonly string[];
    }
  /** The table is what it was before, or, if an answer was lost, what the failure says. */
  | { readonly kind: 'behind'; readonly table: Omit<PhysicalTable, 'id'>; readonly failure: FailureText };
