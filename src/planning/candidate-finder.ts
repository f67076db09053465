import type { InputRead, NodeAnalysis } from '../core/plan/analysis.ts';
import type { Candidate } from '../core/plan/build-plan.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { ArtefactVerifier } from '../store/artefacts/artefact-verifier.ts';
import type { StoreReader } from '../store/store-reader.ts';
import type { BaseNode } from './read-base.ts';

/** What is pointed to already. */
interface Held {
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  readonly shown: ReadonlyMap<NodeId, { readonly artefact: string }>;
  /** Whether two artefacts hold equal data in what is read; null where that is still to be compared. */
  equal(a: string, b: string, read: InputRead): boolean | null;
}

/** Looks for artefacts that may serve nodes; one whose content would have to be read first is left out and noted. */
export class CandidateFinder {
  readonly #store: StoreReader;
  readonly #checks: ArtefactVerifier;
  readonly #held: Held;
  readonly #unchecked = new Set<string>();
  readonly #upToDate = new Map<NodeId, boolean>();

  constructor({ store, checks }: { readonly store: StoreReader; readonly checks: ArtefactVerifier }, held: Held) {
    this.#store = store;
    this.#checks = checks;
    this.#held = held;
  }

  /** The base's own artefact first, then what the environment shows, then whatever the store knows under the fingerprint, last the base's by its query alone. */
  find(id: NodeId, analysis: NodeAnalysis): readonly Candidate[] {
    const before = this.#held.base.get(id);
    const named = this.#store.artefactsNamed(analysis.fingerprint);
    const same = before?.analysis.fingerprint === analysis.fingerprint && this.#isUpToDate(id);
    const first = before && (named.includes(before.artefact) || same) ? [before.artefact] : [];
    const shown = this.#held.shown.get(id)?.artefact;
    const second = shown !== undefined && named.includes(shown) ? [shown] : [];
    const byFingerprint = [...new Set([...first, ...second, ...named])].map(artefact =>
      this.#candidate(artefact, 'fingerprint'),
    );
    const sameQuery = before && before.analysis.local.fingerprint === analysis.local.fingerprint;
    const byQuery = sameQuery && first.length === 0 ? [this.#candidate(before.artefact, 'local')] : [];
    return [...byFingerprint, ...byQuery].filter(entry => entry !== null);
  }

  /** Reads what was left out; false where there was nothing. What was found is asked anew afterwards. */
  async checkRest(): Promise<boolean> {
    this.#upToDate.clear();
    const rest = [...this.#unchecked];
    this.#unchecked.clear();
    for (const id of rest) await this.#checks.isWhole(id);
    return rest.length > 0;
  }

  /**
   * Whether the base's artefact was built from what the base holds of its inputs, all the way up. A selective run may have
   * left it behind: then it is not what its fingerprint among today's sources says.
   */
  #isUpToDate(id: NodeId): boolean {
    const known = this.#upToDate.get(id) ?? this.#standsOnBase(id);
    this.#upToDate.set(id, known);
    return known;
  }

  #standsOnBase(id: NodeId): boolean {
    const { base, equal } = this.#held;
    const before = base.get(id);
    const built = before && this.#store.artefact(before.artefact)?.inputs;
    if (!before || !built) return false;
    return before.analysis.reads.every(read => {
      const [then, now] = [built[read.input], base.get(read.input)?.artefact];
      if (then === undefined || now === undefined || !this.#isUpToDate(read.input)) return false;
      return then === now || equal(then, now, read) === true;
    });
  }

  #candidate(id: string, by: Candidate['by']): Candidate | null {
    const whole = this.#checks.known(id);
    if (whole === null) this.#unchecked.add(id);
    const record = whole === true ? this.#store.artefact(id) : null;
    return record && { artefact: id, inputs: record.inputs, by };
  }
}
