import type { NodeId } from '../core/project/node.ts';
import { ownNodes } from './refresh-views.ts';
import type { Generation } from './records.ts';
import type { StoreReader } from './store-reader.ts';

/** Nodes of an environment's generation whose artefact is not the one that its base holds. */
export function ownOf(store: StoreReader, generation: Generation): ReadonlySet<NodeId> {
  const base = generation.base?.lineage === store.lineage ? generation.base : null;
  return ownNodes(generation, base && store.generation(null, base.serial));
}
