import type { NodeId } from '../core/definition/nodes/node.ts';
import { definitionHash } from '../core/definition/nodes/definition-hash.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import { projectDigest } from '../project/load-project.ts';
import type { SavedPlan } from './plan-record.ts';
import { definitionOf } from '../core/definition/nodes/desired-node.ts';
import { pinnedParameters } from '../project/parameters/given-parameters.ts';
import { readProject } from '../project/resolved-project.ts';
import type { World } from '../core/world.ts';

/** Names the nodes whose files on disk differ from the applied definitions, in one sentence; null if none does. */
export function diskDifference(
  world: World,
  root: string,
  { plan, nodes }: { readonly plan: SavedPlan; readonly nodes: readonly GenerationNode[] },
): string | null {
  if (plan.record.files !== null && projectDigest(root) === plan.record.files) return null;
  return differenceFromDisk(world, root, nodes);
}

/** The same for the nodes of any generation, with the parameters that each node was built with. */
export function differenceFromDisk(world: World, root: string, nodes: readonly GenerationNode[]): string | null {
  const today = world.now().toISOString().slice(0, 10);
  const resolved = readProject(root, pinnedParameters(nodes, today), world);
  if (resolved.broken) return 'The files on disk have mistakes';
  const disk = new Map(resolved.nodes.map(node => [node.resolved.node.id, definitionHash(definitionOf(node))]));
  const differing = differences(disk, new Map(nodes.map(node => [node.id, node.definition])));
  return differing.length === 0 ? null : `The files on disk no longer match production: ${differing.join(', ')}`;
}

function differences(disk: ReadonlyMap<NodeId, string>, applied: ReadonlyMap<NodeId, string>): readonly NodeId[] {
  const ids = [...new Set([...disk.keys(), ...applied.keys()])].sort();
  return ids.filter(id => disk.get(id) !== applied.get(id));
}
