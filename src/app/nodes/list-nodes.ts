import { edgesOf } from '../../core/definition/nodes/node-edges.ts';
import { topologicalOrder } from '../../core/graph/graph.ts';
import type { NodeId, ProjectNode } from '../../core/definition/nodes/node.ts';
import { loadValidProject } from '../../project/load-project.ts';
import { findProjectRoot } from '../../project/files/project-root.ts';
import type { CommonOptions, World } from '../../core/world.ts';

/** One node as `list` shows it. */
export interface ListedNode {
  readonly id: NodeId;
  readonly file: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly inputs: readonly NodeId[];
}

/** All nodes in dependency order. */
export function listNodes(world: World, options: CommonOptions): readonly ListedNode[] {
  const { project } = loadValidProject(findProjectRoot(world, options));
  const byId = new Map(project.nodes.map(node => [node.id, node]));
  return topologicalOrder(edgesOf(project.nodes)).flatMap(id => {
    const node = byId.get(id);
    return node ? [listed(node)] : [];
  });
}

/** The list entry of a node. */
export const listed = ({ id, file, description, tags, inputs }: ProjectNode): ListedNode => ({
  id,
  file,
  description,
  tags,
  inputs: inputs.map(input => input.id),
});
