import type { GuardedVersion } from '../../core/plan/revert/guarded-version.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { GenerationNode } from '../../core/state/generation.ts';
import type { BaseNode } from '../../core/plan/plan.ts';
import { definitionIn, storedOutputNode, readBase, storedNode } from '../read-base.ts';
import type { PlanningTools } from '../planning-tools.ts';

/** Versions of nodes in a generation, with the meaning of their queries; leaves out nodes that it lacks. */
export async function versionsIn(
  tools: Pick<PlanningTools, 'state' | 'world' | 'analyser'>,
  nodes: readonly GenerationNode[],
  ids: ReadonlySet<NodeId>,
): Promise<ReadonlyMap<NodeId, GuardedVersion>> {
  const entries = new Map(nodes.map(node => [node.id, node]));
  const { needed, filled } = neededFor(tools, entries, ids);
  const base = await readBase({ nodes: needed }, tools);
  const versions = new Map<NodeId, GuardedVersion>();
  for (const id of ids) {
    const entry = entries.get(id);
    if (!entry) continue;
    const { document, values } = definitionIn(tools.state, entry);
    const meaning = filled.has(id) ? meaningOf(base.get(id)) : null;
    versions.set(id, { definition: entry.definition, document, values, meaning });
  }
  return versions;
}

function meaningOf(version: BaseNode | undefined): GuardedVersion['meaning'] {
  if (version?.node.kind !== 'transform' || version.analysis.late !== undefined) return null;
  return version.analysis.local;
}

interface Needed {
  readonly needed: readonly GenerationNode[];
  /** Nodes whose parameters could be filled in as they were built. */
  readonly filled: ReadonlySet<NodeId>;
}

/** The given nodes and everything above them. */
function neededFor(
  { state, world }: Pick<PlanningTools, 'state' | 'world'>,
  entries: ReadonlyMap<NodeId, GenerationNode>,
  ids: ReadonlySet<NodeId>,
): Needed {
  const needed = new Map<NodeId, GenerationNode>();
  const filled = new Set<NodeId>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const entry = entries.get(id);
    if (!entry || needed.has(id)) continue;
    needed.set(id, entry);
    const node = storedNode(state, entry, world);
    if (node !== null) filled.add(id);
    open.push(...(node ?? storedOutputNode(state, entry)).resolved.node.inputs.map(input => input.id));
  }
  return { needed: [...needed.values()], filled };
}
