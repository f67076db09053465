import type { BaseNode } from '../core/plan/plan.ts';
import type { StateSnapshot } from '../core/state/state-snapshot.ts';
import { nodeFromDefinition } from '../core/definition/nodes/node-from-definition.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Generation, GenerationNode, NodeDefinition } from '../core/state/generation.ts';
import { damaged } from '../store/ledger/stored-json.ts';
import type { SourceContent } from '../analysis/content-analysis.ts';
import { type DesiredNode, storedOutput } from '../core/definition/nodes/desired-node.ts';
import { resolveStored } from '../project/parameters/resolve-stored.ts';
import type { PlanningTools } from './planning-tools.ts';
import type { World } from '../core/world.ts';

type Definitions = Pick<StateSnapshot, 'definition'>;

/** The nodes of a generation with their analysis, which is computed from the definitions and never stored. */
export async function readBase(
  generation: Pick<Generation, 'nodes'> | null,
  { state, world, analyser }: Pick<PlanningTools, 'state' | 'world' | 'analyser'>,
): Promise<ReadonlyMap<NodeId, BaseNode>> {
  if (!generation) return new Map();
  const nodes = storedNodes(state, generation, world);
  const graph = await analyser.analyse({
    nodes: nodes.map(node => node.resolved),
    sources: outputsOf(state, generation),
  });
  const values = new Map(nodes.map(node => [node.resolved.node.id, node.values]));
  const entries = new Map(generation.nodes.map(entry => [entry.id, entry]));
  const base = new Map<NodeId, BaseNode>();
  for (const [id, version] of graph.versions) {
    const entry = entries.get(id);
    if (!entry) continue;
    const at = state.artefact(entry.artefact)?.at ?? entry.at;
    base.set(id, { ...version, values: values.get(id) ?? {}, artefact: entry.artefact, entry, at });
  }
  return base;
}

/** The nodes of a generation; one whose parameters can no longer be filled in is represented by its stored output. */
export function storedNodes(
  state: Definitions,
  generation: Pick<Generation, 'nodes'>,
  world: Pick<World, 'variables' | 'now'>,
): readonly DesiredNode[] {
  return generation.nodes.map(entry => storedNode(state, entry, world) ?? storedOutputNode(state, entry));
}

/** One entry as a node; null if an environment variable that it was built with has another value. */
export function storedNode(
  state: Definitions,
  entry: GenerationNode,
  world: Pick<World, 'variables' | 'now'>,
): DesiredNode | null {
  try {
    return resolveEntry(state, entry, world);
  } catch (error) {
    if (error instanceof ToolError && error.code === 'variable-changed') return null;
    throw error;
  }
}

/** The same, but throws `variable-changed` instead of returning null. */
export function resolveEntry(
  state: Definitions,
  entry: GenerationNode,
  world: Pick<World, 'variables' | 'now'>,
): DesiredNode {
  const stored = definitionIn(state, entry);
  const node = nodeFromDefinition(entry.id, entry.file, stored.document);
  return resolveStored(node, { values: stored.values, parameters: entry.parameters ?? {} }, world);
}

export function storedOutputNode(state: Definitions, entry: GenerationNode): DesiredNode {
  const stored = definitionIn(state, entry);
  const node = nodeFromDefinition(entry.id, entry.file, stored.document);
  return { resolved: storedOutput(node), values: stored.values, parameters: entry.parameters ?? {} };
}

export function definitionIn(state: Definitions, entry: GenerationNode): NodeDefinition {
  const stored = state.definition(entry.definition);
  if (stored) return stored;
  throw damaged(`target/store/ledger.jsonl, without the definition of ${entry.id},`);
}

/** Includes transforms: a node whose definition cannot be filled in takes its columns from its artefact. */
function outputsOf(
  state: Pick<StateSnapshot, 'artefact'>,
  generation: Pick<Generation, 'nodes'>,
): ReadonlyMap<NodeId, SourceContent> {
  return new Map(
    generation.nodes.flatMap(({ id, artefact }) => {
      const record = state.artefact(artefact);
      return record ? [[id, { columns: record.columns, identity: record.identity }] as const] : [];
    }),
  );
}
