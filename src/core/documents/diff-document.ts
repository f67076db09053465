import type { Column } from '../definition/nodes/node.ts';
import type { Change, ColumnChanges } from './plan-document.ts';

/** Some rows that one side has more often, as DuckDB writes their values; null is NULL. */
export interface DiffSamples {
  /** What was compared, or all that the one side has. */
  readonly columns: readonly Column[];
  readonly only_left: readonly (readonly (string | null)[])[];
  readonly only_right: readonly (readonly (string | null)[])[];
}

export interface DiffNode {
  readonly id: string;
  /** 'none' only for a node that was asked for by name. */
  readonly change: Change;
  readonly columns: Omit<ColumnChanges, 'changed'>;
  /** Multisets over the common columns; values of retyped ones are compared under a common type, or as texts. */
  readonly rows: {
    readonly left: number;
    readonly right: number;
    readonly only_left: number;
    readonly only_right: number;
    readonly both: number;
  };
  /** By what rows were brought together; null where nothing had to be, or nothing could. */
  readonly key: readonly string[] | null;
  /** Columns that differ between rows of the same key; null where there is no key. */
  readonly changed_columns: readonly { readonly name: string; readonly rows: number }[] | null;
  /** Only where asked for. */
  readonly samples?: DiffSamples;
}

export interface DiffDocument {
  readonly format: 'seeknal.diff';
  readonly version: 1;
  readonly left: string;
  readonly right: string;
  readonly nodes: readonly DiffNode[];
}
