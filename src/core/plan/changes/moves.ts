import type { PlanNode } from '../../documents/plan-document.ts';

/** What a generation says of a node: which definition, which artefact, and where its file is. */
export interface NodeEntry {
  /** Hash of the definition. */
  readonly definition: string;
  readonly artefact: string;
  readonly file: string;
}

/** A node as a plan wants it; without an artefact where one is still to be made. */
export type WantedEntry = Omit<NodeEntry, 'artefact'> & { readonly artefact: string | null };

/** Whether an environment that points to `now` (undefined: the node is not there) would point to something else. */
export const moves = (now: NodeEntry | undefined, wanted: WantedEntry): boolean =>
  now?.artefact !== wanted.artefact || now.definition !== wanted.definition || now.file !== wanted.file;

/** What an environment comes to point to, compared with what it pointed to. */
export interface Movement<Entry extends NodeEntry & { readonly id: string }> {
  /** Entries that are new or not what they were. */
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

/** Whether applying would change the environment, or whether only a comparison at apply can tell. */
export const mayMove = (node: Pick<PlanNode, 'moves' | 'verify'>): boolean => node.moves || node.verify;
