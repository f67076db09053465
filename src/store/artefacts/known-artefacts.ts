import type { ArtefactKnowledge } from '../../core/plan/usable.ts';
import {
  type ComparedColumns,
  columnsToCompare,
  compareRecords,
  type RecordedOutput,
} from '../../core/state/compare-records.ts';
import type { StateSnapshot } from '../../core/state/state-snapshot.ts';
import type { Place } from '../../core/state/place.ts';
import type { ExecutionSession } from '../../engine/execution/execution-session.ts';
import type { ArtefactVerifier } from './artefact-verifier.ts';

/** An output that can be read. */
export type PlacedOutput = RecordedOutput & { readonly place: Place };

export interface KnowledgeOptions {
  readonly state: Pick<StateSnapshot, 'artefact' | 'artefactsNamed' | 'equalKnown'>;
  readonly artefacts: Pick<ArtefactVerifier, 'known' | 'isWhole'>;
  /** An output of this command that has no record yet; null for any other artefact. */
  fresh?(artefact: string): PlacedOutput | null;
  /** Stores the result of a comparison; set only when the store can be written. */
  recordEqual?(pair: ArtefactPair, equal: boolean): void;
  session(): Promise<ExecutionSession>;
}

export interface ArtefactPair extends ComparedColumns {
  readonly a: string;
  readonly b: string;
}

/** Answers questions about artefacts from the records, and reads their data where the records do not suffice. */
export class KnownArtefacts {
  readonly #options: KnowledgeOptions;
  readonly #equal = new Map<string, boolean>();

  constructor(options: KnowledgeOptions) {
    this.#options = options;
  }

  /** Calls `judge` with the known facts, reads the data for each open question, and repeats until none is open. */
  async settle<T>(judge: (known: ArtefactKnowledge) => T): Promise<T> {
    for (;;) {
      const open = new OpenQuestions();
      const verdict = judge(this.#answers(open));
      if (open.isEmpty) return verdict;
      await this.#lookCloser(open);
    }
  }

  #answers(open: OpenQuestions): ArtefactKnowledge {
    const { state, artefacts, fresh } = this.#options;
    return {
      named: fingerprint => state.artefactsNamed(fingerprint),
      inputsOf: artefact => state.artefact(artefact)?.inputs ?? null,
      isWhole: artefact => {
        const whole = fresh?.(artefact) ? true : artefacts.known(artefact);
        if (whole === null) open.unchecked.add(artefact);
        return whole;
      },
      equal: (a, b, { columns, order }) => {
        const pair = { a, b, columns, ordered: order };
        const equal = this.#knownEqual(pair);
        if (equal === null) open.pairs.set(keyOf(pair), pair);
        return equal;
      },
    };
  }

  #knownEqual(pair: ArtefactPair): boolean | null {
    const { a, b, columns, ordered } = pair;
    const known = this.#options.state.equalKnown(a, b, columns, ordered);
    if (known !== null) return known;
    const [before, now] = [this.#outputOf(a), this.#outputOf(b)];
    if (!before || !now) return false;
    return compareRecords(before, now, pair) ?? this.#equal.get(keyOf(pair)) ?? null;
  }

  #outputOf(artefact: string): PlacedOutput | null {
    return this.#options.fresh?.(artefact) ?? this.#options.state.artefact(artefact);
  }

  async #lookCloser({ unchecked, pairs }: OpenQuestions): Promise<void> {
    for (const artefact of unchecked) await this.#options.artefacts.isWhole(artefact);
    for (const [key, pair] of pairs) {
      const equal = await this.#compare(pair);
      // An artefact that cannot be read is of no use to this command, which says nothing about its data.
      this.#equal.set(key, equal ?? false);
      if (equal !== null) this.#options.recordEqual?.(pair, equal);
    }
  }

  /** null where one of them no longer holds what was recorded. */
  async #compare(pair: ArtefactPair): Promise<boolean | null> {
    const [before, now] = [this.#outputOf(pair.a), this.#outputOf(pair.b)];
    if (!before || !now || !(await this.#isWhole(pair.a)) || !(await this.#isWhole(pair.b))) return null;
    const session = await this.#options.session();
    const scope = { columns: columnsToCompare(now, pair), ordered: pair.ordered };
    const then = await session.identityOf(before.place, scope);
    const since = await session.identityOf(now.place, scope);
    return then.identity === since.identity;
  }

  async #isWhole(artefact: string): Promise<boolean> {
    return this.#options.fresh?.(artefact) ? true : this.#options.artefacts.isWhole(artefact);
  }
}

/** Questions that only the data can answer. */
class OpenQuestions {
  readonly unchecked = new Set<string>();
  readonly pairs = new Map<string, ArtefactPair>();

  get isEmpty(): boolean {
    return this.unchecked.size + this.pairs.size === 0;
  }
}

const keyOf = ({ a, b, columns, ordered }: ArtefactPair): string => JSON.stringify([a, b, columns, ordered]);
