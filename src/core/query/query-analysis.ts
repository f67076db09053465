import type { Relation } from './terms/relation.ts';

/** The part of one input that a query reads; its row set always counts as read. */
export interface QueryRead {
  /** `kind.name`. */
  readonly input: string;
  readonly columns: readonly string[];
  /** Whether the query depends on the row order of the input. */
  readonly order: boolean;
}

/** Columns of direct inputs, `kind.name.column`, sorted. */
export interface QueryLineage {
  readonly columns: readonly {
    readonly name: string;
    /** Columns whose values become this column's value. */
    readonly value: readonly string[];
    /** Columns that only select the value, such as in the condition of a CASE. */
    readonly condition: readonly string[];
  }[];
  /** Columns that filter, join or group the rows. */
  readonly rows: readonly string[];
  /** Inputs whose rows determine the rows, `kind.name`, sorted; without inputs that are only looked up. */
  readonly rowInputs: readonly string[];
}

/** Something that a transform may not read. */
export interface Refusal {
  readonly what: 'table function' | 'table';
  readonly name: string;
}

/** Everything that a plan says about a query. */
export interface QueryAnalysis {
  readonly relation: Relation;
  /** The fingerprint of the node's own artefact: rows, columns in order with names and types, and the query's own ORDER BY. */
  readonly fingerprint: string;
  readonly reads: readonly QueryRead[];
  /** Everything that the row order depends on; the query's data may depend on less. */
  readonly orderReads: readonly QueryRead[];
  readonly lineage: QueryLineage;
  /** Columns, and the row set, that may differ at the next run because of volatile functions. */
  readonly volatile: { readonly columns: readonly string[]; readonly rows: boolean };
  /** Evidence for people: opaque, volatile and order-dependent parts. Sorted. */
  readonly notes: readonly string[];
  /** Tables and functions that the query may not read. */
  readonly refused: readonly Refusal[];
}

/** An output column of the node: its name, and its type as stored. */
export interface OutputColumn {
  readonly name: string;
  readonly type: string;
}
