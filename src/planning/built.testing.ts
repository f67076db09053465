import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type { NodeVersion } from '../core/plan/changes/node-change.ts';

/** A project that was built: what it means, one artefact for each node, and what the store knows of these. */
export interface Built {
  readonly nodes: ReadonlyMap<NodeId, BuiltNode>;
  readonly store: readonly StoredArtefact[];
}

export interface BuiltNode {
  readonly version: NodeVersion;
  readonly desired: DesiredNode;
  /** `transform.a of production`; of a source the name of its rows, as two builds of one data share the artefact. */
  readonly artefact: string;
}

export interface StoredArtefact {
  readonly id: string;
  readonly fingerprint: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
}

/** A node's artefact beside those that it was built from. */
export const storedNode = ({ version: { analysis }, artefact }: BuiltNode, nodes: Built['nodes']): StoredArtefact => ({
  id: artefact,
  fingerprint: analysis.fingerprint,
  inputs: Object.fromEntries(analysis.reads.map(({ input }) => [input, nodes.get(input)?.artefact ?? ''])),
  columns: analysis.columns,
});

/** What a selective run makes of production: it builds the newer project, and leaves some nodes as they were. */
export function leavingBehind(newer: Built, older: Built, left: readonly string[]): Built {
  const nodes = [...newer.nodes].map(([id, node]): [NodeId, BuiltNode] => {
    const before = older.nodes.get(id);
    return [id, left.includes(id) && before ? { ...node, artefact: before.artefact } : node];
  });
  const made = newer.store.filter(({ id }) => !left.some(node => newer.nodes.get(node as NodeId)?.artefact === id));
  return { nodes: new Map(nodes), store: [...older.store, ...made] };
}
