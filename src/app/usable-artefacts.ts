import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { Candidate } from '../core/plan/build-plan.ts';
import type { NodeId } from '../core/project/node.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { BaseNode } from './read-base.ts';
import type { Workbench } from './workbench.ts';

export interface Wanted {
  readonly id: NodeId;
  readonly analysis: NodeAnalysis;
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  readonly unusable: ReadonlySet<string>;
}

/** Artefacts that may serve a node: the base's own first, then whatever the store knows under the fingerprint, last by the query alone. */
export function knownArtefacts(store: StoreReader, wanted: Wanted): readonly Candidate[] {
  const before = wanted.base.get(wanted.id);
  const named = store.artefactsNamed(wanted.analysis.fingerprint);
  const own = before && before.analysis.fingerprint === wanted.analysis.fingerprint ? [before.artefact] : [];
  const first = before && named.includes(before.artefact) ? [before.artefact] : own;
  const byFingerprint = [...new Set([...first, ...named])].map(id => candidate(store, id, 'fingerprint'));
  const sameQuery = before && before.analysis.local.fingerprint === wanted.analysis.local.fingerprint;
  const byQuery = sameQuery && first.length === 0 ? [candidate(store, before.artefact, 'local')] : [];
  return [...byFingerprint, ...byQuery].filter(entry => entry !== null).filter(entry => !wanted.unusable.has(entry.artefact));
}

function candidate(store: StoreReader, id: string, by: Candidate['by']): Candidate | null {
  const record = store.artefact(id);
  return record && { artefact: id, inputs: record.inputs, by };
}

/** Of these artefacts, those that are missing, or whose file is no longer what was written. */
export async function findUnusable(bench: Workbench, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const unusable = new Set<string>();
  for (const id of new Set(ids)) {
    const state = await bench.store.checkArtefact(id);
    if (state === 'missing' || (state === 'look-closer' && !(await isAsRecorded(bench, id)))) unusable.add(id);
  }
  return unusable;
}

/** Size and time differ, as in a copy of the project: the content decides. */
async function isAsRecorded(bench: Workbench, id: string): Promise<boolean> {
  const record = bench.store.artefact(id);
  if (!record) return false;
  try {
    const session = await bench.execution();
    const found = await session.identityOf(bench.store.artefactPath(id), {});
    return found.identity === record.identity && found.rows === record.rows;
  } catch {
    return false;
  }
}
