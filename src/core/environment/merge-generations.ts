import type { NodeId } from '../definition/nodes/node.ts';

/** The part of a generation's entry that a merge compares. */
export interface MergeEntry {
  /** Hash of the node's definition. */
  readonly definition: string;
  readonly artefact: string;
}

export type Generations = ReadonlyMap<NodeId, MergeEntry>;

export interface Merge {
  /** For each node of the merged generation, the side whose version it takes. */
  readonly take: ReadonlyMap<NodeId, 'here' | 'there'>;
  /** Nodes whose definition changed differently on both sides. */
  readonly conflicts: readonly NodeId[];
  /** Nodes that were edited here while their data changed there. */
  readonly moved: readonly NodeId[];
}

type Choice = 'here' | 'there' | 'gone' | 'conflict' | 'moved';

/** Three-way merge per node of an environment (`here`) into its target (`there`) over their common base. */
export function mergeGenerations(base: Generations, there: Generations, here: Generations): Merge {
  const ids = [...new Set([...there.keys(), ...here.keys()])];
  const choices = ids.map(id => ({ id, choice: choose(base.get(id), there.get(id), here.get(id)) }));
  const chosen = (choice: Choice) => choices.filter(entry => entry.choice === choice).map(entry => entry.id);
  return {
    take: new Map([
      ...chosen('here').map(id => [id, 'here'] as const),
      ...chosen('there').map(id => [id, 'there'] as const),
    ]),
    conflicts: chosen('conflict'),
    moved: chosen('moved'),
  };
}

function choose(base: MergeEntry | undefined, there: MergeEntry | undefined, here: MergeEntry | undefined): Choice {
  const changedHere = base?.definition !== here?.definition;
  const changedThere = base?.definition !== there?.definition;
  if (here?.definition === there?.definition) return sameDefinition(base, there, here);
  if (changedHere && changedThere) return 'conflict';
  if (changedThere) return there ? 'there' : 'gone';
  if (base && there && base.artefact !== there.artefact) return here ? 'moved' : 'gone';
  return here ? 'here' : 'gone';
}

/** With equal definitions only data can differ: takes the side that changed, and the target if both did. */
function sameDefinition(
  base: MergeEntry | undefined,
  there: MergeEntry | undefined,
  here: MergeEntry | undefined,
): Choice {
  if (!there || !here) return 'gone';
  return base && there.artefact === base.artefact && here.artefact !== base.artefact ? 'here' : 'there';
}
