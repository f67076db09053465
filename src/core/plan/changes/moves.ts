import type { PlanNode } from '../../documents/plan-document.ts';

/** A node in a generation: its definition, its artefact and its file. */
export interface NodeEntry {
  /** Hash of the definition. */
  readonly definition: string;
  readonly artefact: string;
  readonly file: string;
}

/** A node as a plan wants it; `artefact` is null until it is made. */
export type WantedEntry = Omit<NodeEntry, 'artefact'> & { readonly artefact: string | null };

/** Whether an environment that points to `now` would point to something else; `now` is undefined for a new node. */
export const moves = (now: NodeEntry | undefined, wanted: WantedEntry): boolean =>
  now?.artefact !== wanted.artefact || now.definition !== wanted.definition || now.file !== wanted.file;

/** How the entries of an environment change. */
export interface Movement<Entry extends NodeEntry & { readonly id: string }> {
  /** New and changed entries. */
  readonly moved: readonly Entry[];
  readonly removed: readonly Entry['id'][];
}

export function movement<Entry extends NodeEntry & { readonly id: string }>(
  shown: ReadonlyMap<string, NodeEntry>,
  nodes: readonly Entry[],
): Movement<Entry> {
  const now = new Set<string>(nodes.map(node => node.id));
  return {
    moved: nodes.filter(node => moves(shown.get(node.id), node)),
    removed: [...shown.keys()].filter(id => !now.has(id)),
  };
}

/** Whether applying changes the environment, or may change it depending on a comparison during apply. */
export const mayMove = (node: Pick<PlanNode, 'moves' | 'verify'>): boolean => node.moves || node.verify;
