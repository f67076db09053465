import { movement, moves } from '../core/plan/changes/moves.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';

export interface GenerationDifference {
  /** Entries whose definition, artefact or file is not what it was, new ones included. */
  readonly changed: readonly GenerationNode[];
  readonly removed: readonly NodeId[];
}

/** What a version of an environment has other than the one before; all of it where there was none. */
export function differenceOf(
  before: Pick<Generation, 'nodes'> | null,
  nodes: readonly GenerationNode[],
): GenerationDifference {
  const known = new Map((before?.nodes ?? []).map(node => [node.id, node]));
  const { moved, removed } = movement(known, nodes);
  return { changed: moved, removed };
}

/** Whether a node stands in two generations with the same definition, the same artefact and the same file. */
export const isSameEntry = (before: GenerationNode | undefined, node: GenerationNode): boolean => !moves(before, node);
