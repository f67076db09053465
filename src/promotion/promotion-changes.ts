import { changedArtefacts } from '../store/artefacts/changed-artefacts.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { GenerationNode } from '../core/state/generation.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { viewPath } from '../store/views/view-name.ts';
import { isSameEntry } from './generation-difference.ts';
import type { Route } from './promotion-route.ts';
import type { WithTools } from './promotion-tools.ts';

export interface Compared {
  /** Entries that differ from the target's. */
  readonly changed: readonly GenerationNode[];
  readonly removed: readonly NodeId[];
  /** Changed nodes that a rebase still has to build. */
  readonly rebuilt: ReadonlySet<NodeId>;
}

/** Compares the promoted nodes with the target's; rebuilt nodes always count as changed. */
export function compareWithTarget(
  { target, base, to }: Route,
  nodes: readonly GenerationNode[],
  rebuilt: ReadonlySet<NodeId> = new Set(),
): Compared {
  // A new environment starts from the generation of production that the source environment is based on.
  const before = new Map(((to === null ? target : (target ?? base))?.nodes ?? []).map(node => [node.id, node]));
  const now = new Set(nodes.map(node => node.id));
  return {
    changed: nodes.filter(node => rebuilt.has(node.id) || !isSameEntry(before.get(node.id), node)),
    removed: [...before.keys()].filter(id => !now.has(id)),
    rebuilt,
  };
}

export const isNothing = ({ target }: Route, { changed, removed }: Compared): boolean =>
  changed.length + removed.length === 0 && target !== null;

/** The target's next entries: changed ones are marked as promoted, all others stay. */
export function promotedNodes(
  { target }: Route,
  {
    nodes,
    changed,
    at,
  }: { readonly nodes: readonly GenerationNode[]; readonly changed: readonly GenerationNode[]; readonly at: string },
): readonly GenerationNode[] {
  const before = new Map((target?.nodes ?? []).map(node => [node.id, node]));
  const taken = new Set(changed.map(node => node.id));
  return nodes.map(node => (taken.has(node.id) ? { ...node, status: 'promoted', at } : (before.get(node.id) ?? node)));
}

/** Files of the target's view that are added, changed or removed. */
export function filesOf({ to, target }: Route, { changed, removed, rebuilt }: Compared): readonly string[] {
  const before = new Map((target?.nodes ?? []).map(node => [node.id, node.artefact]));
  const moved = changed
    .filter(node => rebuilt.has(node.id) || before.get(node.id) !== node.artefact)
    .map(node => node.id);
  return [...moved, ...removed].map(id => viewPath(to, id));
}

/** Throws if an artefact is missing or damaged. Reads contents only if size or time changed. */
export async function assertWhole(
  store: StoreReader,
  nodes: readonly GenerationNode[],
  withTools: WithTools,
): Promise<void> {
  const states = nodes.map(node => ({
    id: node.id,
    artefact: node.artefact,
    state: store.checkArtefact(node.artefact),
  }));
  const missing = states.filter(entry => entry.state === 'missing').map(entry => entry.id);
  const doubtful = states.filter(entry => entry.state === 'look-closer');
  const tampered =
    doubtful.length === 0 ? [] : await withTools(({ artefacts }) => changedArtefacts(doubtful, artefacts));
  const gone = [...missing, ...tampered];
  if (gone.length === 0) return;
  throw new ToolError('artefact-missing', `The outputs of ${gone.join(', ')} in the store are missing or damaged.`, {
    hint: 'Apply the environment again to rebuild what is missing.',
  });
}
