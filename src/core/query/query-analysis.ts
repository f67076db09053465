import type { Relation } from './terms/relation.ts';

/** What a query reads of one input; its row set always counts as read. */
export interface QueryRead {
  /** `kind.name`. */
  readonly input: string;
  readonly columns: readonly string[];
  /** Whether the query can see in which order the rows of the input stand. */
  readonly order: boolean;
}

/** Columns of direct inputs, `kind.name.column`, sorted. */
export interface QueryLineage {
  readonly columns: readonly {
    readonly name: string;
    /** Whose values become this column's value. */
    readonly value: readonly string[];
    /** Which only decide, inside the expression, which value it is. */
    readonly condition: readonly string[];
  }[];
  /** Which decide what rows there are, and in what number. */
  readonly rows: readonly string[];
  /** Inputs whose rows decide that, `kind.name`, sorted; one that is only looked up in is none of them. */
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
  /** Of the node's own artefact: rows, columns in order with names and types, and the query's own ORDER BY. */
  readonly fingerprint: string;
  readonly reads: readonly QueryRead[];
  /** The same for the order of the rows, which the query's own data may not depend on. */
  readonly orderReads: readonly QueryRead[];
  readonly lineage: QueryLineage;
  /** What other data may come out of at the next run, by the names of functions. */
  readonly volatile: { readonly columns: readonly string[]; readonly rows: boolean };
  /** Evidence for people: what was opaque, volatile, order-dependent. Sorted. */
  readonly notes: readonly string[];
  /** What the query reads though it may not. */
  readonly refused: readonly Refusal[];
}

/** An output column of the node: its name, and its type as stored. */
export interface OutputColumn {
  readonly name: string;
  readonly type: string;
}
