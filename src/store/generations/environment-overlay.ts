import type { NodeId } from '../../core/definition/nodes/node.ts';
import { ownNodes } from '../views/refresh-views.ts';
import type { Generation } from '../../core/state/generation.ts';
import type { StoreReader } from '../store-reader.ts';

/** Nodes whose artefact in an environment's generation differs from the one in its base. */
export function ownOf(store: StoreReader, generation: Generation): ReadonlySet<NodeId> {
  const base = generation.base?.lineage === store.lineage ? generation.base : null;
  return ownNodes(generation, base && store.generation(null, base.serial));
}
