import type { Column, NodeId } from '../definition/nodes/node.ts';

/** The analysis of a node's query; see `core/query`. Hashes are opaque strings. */
export interface NodeAnalysis {
  readonly columns: readonly Column[];
  /** Types of the columns as the query computes them, before conversion to storable types; omitted if they depend on data. */
  readonly computed?: readonly string[];
  readonly relation: NodeRelation;
  /** Covers what the node's own artefact depends on, and nothing else. */
  readonly fingerprint: string;
  /** The same with inputs as names: equal for equivalent queries, regardless of the inputs' data. */
  readonly local: NodeRelation & { readonly fingerprint: string };
  readonly reads: readonly InputRead[];
  /** What the row order may depend on. `relation.order` covers it, and may change although nothing in `reads` does. */
  readonly orderReads: readonly InputRead[];
  readonly lineage: NodeLineage;
  readonly volatile: { readonly columns: readonly string[]; readonly rows: boolean };
  readonly notes: readonly string[];
  /** The node whose columns depend on data that is not known yet: this node, or one that it reads. */
  readonly late?: NodeId;
}

export interface NodeRelation {
  readonly rows: string;
  readonly columns: readonly (Column & { readonly hash: string })[];
  readonly order: string;
}

/** What a node reads of one input. The set of rows always counts as read. */
export interface InputRead {
  readonly input: NodeId;
  readonly columns: readonly string[];
  readonly order: boolean;
}

export interface NodeLineage {
  readonly columns: readonly {
    readonly name: string;
    readonly value: readonly string[];
    readonly condition: readonly string[];
  }[];
  readonly rows: readonly string[];
  /** Inputs whose rows decide which rows the node has; inputs used only for lookups are left out. */
  readonly rowInputs: readonly NodeId[];
}
