import type { GraphNode } from '../../graph/graph.ts';
import type { NodeId, ProjectNode } from './node.ts';

/** A node as a vertex of the graph, with the nodes that it reads. */
export const edgesOfNode = ({ id, inputs }: Pick<ProjectNode, 'id' | 'inputs'>): GraphNode<NodeId> => ({
  id,
  inputs: inputs.map(input => input.id),
});

/** The graph of a project. */
export const edgesOf = (nodes: readonly Pick<ProjectNode, 'id' | 'inputs'>[]): readonly GraphNode<NodeId>[] =>
  nodes.map(edgesOfNode);
