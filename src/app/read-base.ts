import type { NodeVersion } from '../core/plan/node-change.ts';
import { nodeFromDefinition } from '../core/project/node-from-definition.ts';
import type { NodeId } from '../core/project/node.ts';
import type { Generation, GenerationNode } from '../store/records.ts';
import { analyseGraph, type SourceContent } from './analyse-graph.ts';
import { type DesiredNode } from './make-plan.ts';
import { resolveStored } from './resolve-nodes.ts';
import type { Workbench } from './workbench.ts';

/** A node of a generation, analysed. */
export interface BaseNode extends NodeVersion {
  readonly artefact: string;
  readonly entry: GenerationNode;
  /** When the artefact was made. */
  readonly at: string;
}

/** The nodes of a generation with their analysis; what its definitions mean is worked out anew, never read back. */
export async function readBase(bench: Workbench, generation: Generation | null): Promise<ReadonlyMap<NodeId, BaseNode>> {
  if (!generation) return new Map();
  const nodes = storedNodes(bench, generation);
  const graph = await analyseGraph({
    nodes: nodes.map(node => node.resolved),
    sources: sourceContents(bench, generation),
    cache: bench.analyses,
    engine: bench.engineVersion,
    session: () => bench.analysis('base'),
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

/** The definitions of a generation as nodes, in the order of their ids. */
export function storedNodes(bench: Workbench, generation: Generation): readonly DesiredNode[] {
  return generation.nodes.map(entry => {
    const stored = bench.store.definition(entry.definition);
    if (!stored) throw new Error(`definition ${entry.definition} of ${entry.id} is not in the ledger`);
    return resolveStored(nodeFromDefinition(entry.id, entry.file, stored.document), stored, generation, bench.world);
  });
}

/** Transforms take part too: where a definition cannot be read any more, its artefact still says what columns it has. */
function sourceContents(bench: Workbench, generation: Generation): ReadonlyMap<NodeId, SourceContent> {
  const contents = new Map<NodeId, SourceContent>();
  for (const entry of generation.nodes) {
    const record = bench.store.artefact(entry.artefact);
    if (record) contents.set(entry.id, { columns: record.columns, identity: record.identity });
  }
  return contents;
}
