import type { NodeId } from '../../core/definition/nodes/node.ts';
import { nodeFromDefinition } from '../../core/definition/nodes/node-from-definition.ts';
import type { TargetNode } from '../../core/plan/targets/wanted-target.ts';
import type { GenerationNode, NodeDefinition } from '../../core/state/generation.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';
import type { World } from '../../core/world.ts';
import { resolveStored } from '../../project/parameters/resolve-stored.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { damaged } from '../../store/ledger/stored-json.ts';

type Definitions = Pick<StateSnapshot, 'definition'>;
type Surroundings = Pick<World, 'variables' | 'now'>;

/** The nodes of a generation that have external targets, in its order. Throws `variable-changed` as `resolveStored`. */
export const targetNodesOf = (
  state: Definitions,
  entries: readonly GenerationNode[],
  world: Surroundings,
): readonly TargetNode[] =>
  entries.flatMap(entry => {
    const stored = state.definition(entry.definition);
    if (!stored) throw damaged(`target/store/ledger.jsonl, without the definition of ${entry.id},`);
    const targets = mayHaveTargets(stored) ? targetsOf(entry, stored, world) : [];
    return targets.length === 0 ? [] : [{ id: entry.id, artefact: entry.artefact, targets }];
  });

/** Reading every definition would be slow; most have no targets. */
const mayHaveTargets = ({ document }: NodeDefinition): boolean =>
  'materialization' in document || 'materializations' in document;

function targetsOf(entry: GenerationNode, stored: NodeDefinition, world: Surroundings): TargetNode['targets'] {
  const node = nodeFromDefinition(entry.id, entry.file, stored.document);
  const hasParameters = node.targets.some(({ table, connection }) => `${table} ${connection}`.includes('{{'));
  if (!hasParameters) return node.targets;
  const parameters = entry.parameters ?? {};
  return resolveStored(node, { values: stored.values, parameters }, world).resolved.node.targets;
}

/** Target nodes for a message or a record after a switch, which must not fail. */
export interface TellableTargets {
  readonly nodes: readonly TargetNode[];
  /** Nodes whose tables cannot be named, because an environment variable has another value now. */
  readonly unknown: ReadonlySet<NodeId>;
}

/** The same, without the nodes whose tables cannot be named. */
export function tellableTargets(
  state: Definitions,
  entries: readonly GenerationNode[],
  world: Surroundings,
): TellableTargets {
  const unknown = new Set<NodeId>();
  const nodes = entries.flatMap(entry => {
    try {
      return targetNodesOf(state, [entry], world);
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'variable-changed') throw error;
      unknown.add(entry.id);
      return [];
    }
  });
  return { nodes, unknown };
}

/** By node, for the comparison of an environment with production. */
export const targetNodesById = (nodes: readonly TargetNode[]): ReadonlyMap<NodeId, TargetNode> =>
  new Map(nodes.map(node => [node.id, node]));
