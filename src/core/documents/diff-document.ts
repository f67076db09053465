import type { Column } from '../definition/nodes/node.ts';
import type { Change, ColumnChanges } from './plan-document.ts';

/** Sample of the rows that one side has more often, as DuckDB prints values; null is NULL. */
export interface DiffSamples {
  /** The compared columns, or all columns if only one side has the node. */
  readonly columns: readonly Column[];
  readonly only_left: readonly (readonly (string | null)[])[];
  readonly only_right: readonly (readonly (string | null)[])[];
}

export interface DiffNode {
  readonly id: string;
  /** 'none' only for a node that was requested by name. */
  readonly change: Change;
  readonly columns: Omit<ColumnChanges, 'changed'>;
  /** Rows as multisets over the common columns; retyped columns are compared under a common type, or as text. */
  readonly rows: {
    readonly left: number;
    readonly right: number;
    readonly only_left: number;
    readonly only_right: number;
    readonly both: number;
  };
  /** Columns that match rows of both sides; null if no match was needed or possible. */
  readonly key: readonly string[] | null;
  /** Columns that differ between rows with the same key; null without a key. */
  readonly changed_columns: readonly { readonly name: string; readonly rows: number }[] | null;
  /** Only on request. */
  readonly samples?: DiffSamples;
}

export interface DiffDocument {
  readonly format: 'seeknal.diff';
  readonly version: 1;
  readonly left: string;
  readonly right: string;
  readonly nodes: readonly DiffNode[];
}
