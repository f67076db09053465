import type { NodeVersion } from '../core/plan/node-change.ts';
import { nodeFromDefinition } from '../core/definition/nodes/node-from-definition.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { Generation, GenerationNode, NodeDefinition } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { damaged } from '../store/ledger/stored-json.ts';
import { analyseGraph } from '../analysis/analyse-graph.ts';
import type { SourceContent } from '../analysis/content-analysis.ts';
import { type DesiredNode, storedOutput } from '../core/definition/nodes/desired-node.ts';
import { resolveStored } from '../project/resolve-nodes.ts';
import type { Workbench } from './workbench.ts';
import type { World } from '../core/world.ts';

/** A node of a generation, analysed. */
export interface BaseNode extends NodeVersion {
  readonly artefact: string;
  readonly entry: GenerationNode;
  /** When the artefact was made. */
  readonly at: string;
}

/** The nodes of a generation with their analysis; what its definitions mean is worked out anew, never read back. */
export async function readBase(
  bench: Workbench,
  generation: Pick<Generation, 'nodes'> | null,
): Promise<ReadonlyMap<NodeId, BaseNode>> {
  if (!generation) return new Map();
  const nodes = storedNodes(bench.store, generation, bench.world);
  const graph = await analyseGraph({
    nodes: nodes.map(node => node.resolved),
    sources: sourceContents(bench, generation),
    cache: bench.analyses,
    answers: bench.answers,
    engine: bench.engineVersion,
    columnsBuilt: fingerprint => bench.columnsBuilt(fingerprint),
    session: () => bench.analysis(),
  });
  const values = new Map(nodes.map(node => [node.resolved.node.id, node.values]));
  const entries = new Map(generation.nodes.map(entry => [entry.id, entry]));
  const base = new Map<NodeId, BaseNode>();
  for (const [id, version] of graph.versions) {
    const entry = entries.get(id);
    if (!entry) continue;
    const at = bench.store.artefact(entry.artefact)?.at ?? entry.at;
    base.set(id, { ...version, values: values.get(id) ?? {}, artefact: entry.artefact, entry, at });
  }
  return base;
}

/** The definitions of a generation as nodes; one that can no longer be filled in is represented by its stored output. */
export function storedNodes(
  store: StoreReader,
  generation: Pick<Generation, 'nodes'>,
  world: World,
): readonly DesiredNode[] {
  return generation.nodes.map(entry => storedNode(store, entry, world) ?? storedOutputNode(store, entry));
}

/** One entry as a node; null where it was built with an environment variable's value that is gone. */
export function storedNode(store: StoreReader, entry: GenerationNode, world: World): DesiredNode | null {
  try {
    return resolveEntry(store, entry, world);
  } catch (error) {
    if (error instanceof ToolError && error.code === 'variable-changed') return null;
    throw error;
  }
}

/** The same. Throws `variable-changed` where it cannot be filled in as it was. */
export function resolveEntry(store: StoreReader, entry: GenerationNode, world: World): DesiredNode {
  const stored = definitionIn(store, entry);
  const node = nodeFromDefinition(entry.id, entry.file, stored.document);
  return resolveStored(node, { values: stored.values, parameters: entry.parameters ?? {} }, world);
}

export function storedOutputNode(store: StoreReader, entry: GenerationNode): DesiredNode {
  const stored = definitionIn(store, entry);
  const node = nodeFromDefinition(entry.id, entry.file, stored.document);
  return { resolved: storedOutput(node), values: stored.values, parameters: entry.parameters ?? {} };
}

export function definitionIn(store: StoreReader, entry: GenerationNode): NodeDefinition {
  const stored = store.definition(entry.definition);
  if (stored) return stored;
  throw damaged(`target/store/ledger.jsonl, without the definition of ${entry.id},`);
}

/** Transforms take part too: where a definition cannot be read any more, its artefact still says what columns it has. */
function sourceContents(bench: Workbench, generation: Pick<Generation, 'nodes'>): ReadonlyMap<NodeId, SourceContent> {
  const contents = new Map<NodeId, SourceContent>();
  for (const entry of generation.nodes) {
    const record = bench.store.artefact(entry.artefact);
    if (record) contents.set(entry.id, { columns: record.columns, identity: record.identity });
  }
  return contents;
}
