import { movement, moves } from '../core/plan/changes/moves.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';

export interface GenerationDifference {
  /** New entries, and entries whose definition, artefact or file changed. */
  readonly changed: readonly GenerationNode[];
  readonly removed: readonly NodeId[];
}

/** Compares a version of an environment with the one before; everything is changed if there is none. */
export function differenceOf(
  before: Pick<Generation, 'nodes'> | null,
  nodes: readonly GenerationNode[],
): GenerationDifference {
  const known = new Map((before?.nodes ?? []).map(node => [node.id, node]));
  const { moved, removed } = movement(known, nodes);
  return { changed: moved, removed };
}

/** Whether two entries of a node have the same definition, artefact and file. */
export const isSameEntry = (before: GenerationNode | undefined, node: GenerationNode): boolean => !moves(before, node);
