import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { ArtefactVerifier } from './artefact-verifier.ts';

interface Entry {
  readonly id: NodeId;
  readonly artefact: string;
}

/** Nodes whose artefact is missing, or no longer holds what was written. Reads data only where size or time differ. */
export async function changedArtefacts(
  entries: readonly Entry[],
  verifier: Pick<ArtefactVerifier, 'isWhole'>,
): Promise<readonly NodeId[]> {
  const changed: NodeId[] = [];
  for (const { id, artefact } of entries) if (!(await verifier.isWhole(artefact))) changed.push(id);
  return changed;
}
