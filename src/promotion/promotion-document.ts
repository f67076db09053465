import type { RunDocument, RunNode } from '../core/documents/run-document.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';

export interface PromotedNodes {
  /** All nodes of the target afterwards. */
  readonly nodes: readonly GenerationNode[];
  readonly changed: readonly GenerationNode[];
  readonly removed: readonly NodeId[];
  /** Changed nodes that are still to be built. */
  readonly rebuilt?: ReadonlySet<NodeId>;
}

/** The result of a promotion or rollback as a document. */
export function promotionDocument(
  store: StoreReader,
  environment: string | null,
  { nodes, changed, removed, rebuilt }: PromotedNodes,
  word = 'in the environment',
): RunDocument {
  const taken = new Set(changed.map(node => node.id));
  return {
    format: 'seeknal.run',
    version: 1,
    environment,
    serial: null,
    status: 'done',
    nodes: [
      ...nodes.map(node =>
        rebuilt?.has(node.id) === true
          ? {
              ...EMPTY,
              id: node.id,
              status: 'promoted' as const,
              changed: true,
              reason: 'rebuilt on top of production',
            }
          : entryOf(store, node, { promoted: taken.has(node.id), word }),
      ),
      ...removed.map(id => ({ ...EMPTY, id, status: 'removed' as const, changed: true, reason: `removed ${word}` })),
    ],
    diagnostics: [],
  };
}

const EMPTY = { rows: null, seconds: null, error: null, targets: [] } satisfies Partial<RunNode>;

function entryOf(
  store: StoreReader,
  { id, artefact }: GenerationNode,
  { promoted, word }: { readonly promoted: boolean; readonly word: string },
): RunNode {
  const rows = store.artefact(artefact)?.rows ?? null;
  return {
    ...EMPTY,
    id,
    status: promoted ? 'promoted' : 'reused',
    rows,
    changed: promoted,
    reason: promoted ? `changed ${word}` : 'unchanged',
  };
}
