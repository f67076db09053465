import type { Column, NodeId } from '../definition/nodes/node.ts';

/** What the walk over a node's query found; see `core/query`. Hashes are opaque texts. */
export interface NodeAnalysis {
  readonly columns: readonly Column[];
  /** Types of the columns as the query computes them, before they become what can be stored; left out where only data tell. */
  readonly computed?: readonly string[];
  readonly relation: NodeRelation;
  /** What the node's own artefact depends on, and nothing else. */
  readonly fingerprint: string;
  /** The same with the inputs as names: equal where the query itself means the same, whatever its inputs hold. */
  readonly local: NodeRelation & { readonly fingerprint: string };
  readonly reads: readonly InputRead[];
  /** What the order of the rows may depend on; `relation.order` covers it, and may change where nothing that is read does. */
  readonly orderReads: readonly InputRead[];
  readonly lineage: NodeLineage;
  readonly volatile: { readonly columns: readonly string[]; readonly rows: boolean };
  readonly notes: readonly string[];
  /** The node of which the columns depend on data that are not known yet: itself, or one that it reads. */
  readonly late?: NodeId;
}

export interface NodeRelation {
  readonly rows: string;
  readonly columns: readonly (Column & { readonly hash: string })[];
  readonly order: string;
}

/** What a node reads of one input; the row set always counts as read. */
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
  /** Inputs whose rows decide what rows there are; one that is only looked up in is none of them. */
  readonly rowInputs: readonly NodeId[];
}
