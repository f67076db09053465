import type { NodeId } from '../definition/nodes/node.ts';
import type { NodeAnalysis } from './analysis.ts';
import type { ArtefactKnowledge, Candidate } from './usable.ts';

/** Artefacts that the base and the environment point to. */
export interface PointedTo {
  readonly base: ReadonlyMap<NodeId, { readonly artefact: string; readonly analysis: NodeAnalysis }>;
  /** Base nodes whose artefact was built from what the base holds; see `upToDateNodes`. */
  readonly upToDate: ReadonlySet<NodeId>;
  /** Artefacts that the environment shows. */
  readonly shown: ReadonlyMap<NodeId, { readonly artefact: string }>;
}

/** Returns artefacts that may serve a node, best first, without those that are not known to be whole. */
export type FindCandidates = (id: NodeId, analysis: NodeAnalysis) => readonly Candidate[];

/**
 * Order: the base's artefact, the one that the environment shows, others with the fingerprint, and last the base's
 * artefact if only its query is equivalent.
 */
export function candidateFinder({ base, shown, upToDate }: PointedTo, known: ArtefactKnowledge): FindCandidates {
  const candidate = (artefact: string, by: Candidate['by']): readonly Candidate[] => {
    const inputs = known.isWhole(artefact) === true ? known.inputsOf(artefact) : null;
    return inputs === null ? [] : [{ artefact, inputs, by }];
  };
  return (id, analysis) => {
    const before = base.get(id);
    const named = known.named(analysis.fingerprint);
    const same = before?.analysis.fingerprint === analysis.fingerprint && upToDate.has(id);
    const own = before && (named.includes(before.artefact) || same) ? [before.artefact] : [];
    const seen = shown.get(id)?.artefact;
    const second = seen !== undefined && named.includes(seen) ? [seen] : [];
    const byFingerprint = [...new Set([...own, ...second, ...named])];
    const sameQuery = before !== undefined && before.analysis.local.fingerprint === analysis.local.fingerprint;
    return [
      ...byFingerprint.flatMap(artefact => candidate(artefact, 'fingerprint')),
      ...(sameQuery && own.length === 0 ? candidate(before.artefact, 'local') : []),
    ];
  };
}

/**
 * Base nodes whose artefact was built from the base's artefacts of its inputs, all the way up. A selective run may leave
 * others behind: their artefacts do not match their fingerprints, which follow from the base's current sources.
 */
export function upToDateNodes(base: PointedTo['base'], known: ArtefactKnowledge): ReadonlySet<NodeId> {
  const answers = new Map<NodeId, boolean>();
  const isUpToDate = (id: NodeId): boolean => {
    const answer = answers.get(id) ?? isBuiltFromBase(id);
    answers.set(id, answer);
    return answer;
  };
  const isBuiltFromBase = (id: NodeId): boolean => {
    const before = base.get(id);
    const built = before && known.inputsOf(before.artefact);
    if (!before || !built) return false;
    return before.analysis.reads.every(read => {
      const [then, now] = [built[read.input], base.get(read.input)?.artefact];
      if (then === undefined || now === undefined || !isUpToDate(read.input)) return false;
      return then === now || known.equal(then, now, read) === true;
    });
  };
  return new Set([...base.keys()].filter(isUpToDate));
}
