import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';

/** A built project: one artefact per node, and the store's records of them. */
export interface Built {
  readonly nodes: ReadonlyMap<NodeId, BuiltNode>;
  readonly store: readonly StoredArtefact[];
}

export interface BuiltNode {
  readonly version: NodeVersion;
  readonly desired: DesiredNode;
  /** `transform.a of production`; for a source the name of its rows, because builds of the same data share the artefact. */
  readonly artefact: string;
}

export interface StoredArtefact {
  readonly id: string;
  readonly fingerprint: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
}

/** The store's record of a node's artefact. */
export const storedNode = ({ version: { analysis }, artefact }: BuiltNode, nodes: Built['nodes']): StoredArtefact => ({
  id: artefact,
  fingerprint: analysis.fingerprint,
  inputs: Object.fromEntries(analysis.reads.map(({ input }) => [input, nodes.get(input)?.artefact ?? ''])),
  columns: analysis.columns,
});

/** Production after a selective run: builds the newer project, but keeps the older artefacts of some nodes. */
export function leavingBehind(newer: Built, older: Built, left: readonly string[]): Built {
  const nodes = [...newer.nodes].map(([id, node]): [NodeId, BuiltNode] => {
    const before = older.nodes.get(id);
    return [id, left.includes(id) && before ? { ...node, artefact: before.artefact } : node];
  });
  const made = newer.store.filter(({ id }) => !left.some(node => newer.nodes.get(node as NodeId)?.artefact === id));
  return { nodes: new Map(nodes), store: [...older.store, ...made] };
}
