import type { NodeAnalysis } from '../../core/plan/analysis.ts';
import type { Candidate } from '../../core/plan/build-plan.ts';
import type { NodeId } from '../../core/project/node.ts';
import type { ArtefactChecks } from './artefact-checks.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import type { BaseNode } from './read-base.ts';

/** What is pointed to already. */
interface Held {
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  readonly shown: ReadonlyMap<NodeId, { readonly artefact: string }>;
}

/** Looks for artefacts that may serve nodes; one whose content would have to be read first is left out and noted. */
export class CandidateFinder {
  readonly #store: StoreReader;
  readonly #checks: ArtefactChecks;
  readonly #base: ReadonlyMap<NodeId, BaseNode>;
  readonly #shown: Held['shown'];
  readonly #unchecked = new Set<string>();

  constructor({ store, checks }: { readonly store: StoreReader; readonly checks: ArtefactChecks }, held: Held) {
    this.#store = store;
    this.#checks = checks;
    this.#base = held.base;
    this.#shown = held.shown;
  }

  /** The base's own artefact first, then what the environment shows, then whatever the store knows under the fingerprint, last the base's by its query alone. */
  find(id: NodeId, analysis: NodeAnalysis): readonly Candidate[] {
    const before = this.#base.get(id);
    const named = this.#store.artefactsNamed(analysis.fingerprint);
    const same = before !== undefined && before.analysis.fingerprint === analysis.fingerprint;
    const first = before && (same || named.includes(before.artefact)) ? [before.artefact] : [];
    const shown = this.#shown.get(id)?.artefact;
    const second = shown !== undefined && named.includes(shown) ? [shown] : [];
    const byFingerprint = [...new Set([...first, ...second, ...named])].map(artefact =>
      this.#candidate(artefact, 'fingerprint'),
    );
    const sameQuery = before && before.analysis.local.fingerprint === analysis.local.fingerprint;
    const byQuery = sameQuery && first.length === 0 ? [this.#candidate(before.artefact, 'local')] : [];
    return [...byFingerprint, ...byQuery].filter(entry => entry !== null);
  }

  /** Reads what was left out; false where there was nothing. */
  async checkRest(): Promise<boolean> {
    const rest = [...this.#unchecked];
    this.#unchecked.clear();
    for (const id of rest) await this.#checks.isWhole(id);
    return rest.length > 0;
  }

  #candidate(id: string, by: Candidate['by']): Candidate | null {
    const whole = this.#checks.known(id);
    if (whole === null) this.#unchecked.add(id);
    const record = whole === true ? this.#store.artefact(id) : null;
    return record && { artefact: id, inputs: record.inputs, by };
  }
}
