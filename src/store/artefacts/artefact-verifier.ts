import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { ArtefactState, StoreReader } from '../store-reader.ts';

/** What an artefact's file holds, as far as a check needs to know. */
export type ReadContent = (path: string) => Promise<{ readonly identity: string; readonly rows: number }>;

interface Checked {
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * Which artefacts are what was written. Size and time only decide whether to look closer, as they differ in a copy of
 * the project; then the content decides, and what was found is kept so that it is read once. A cache.
 */
export class ArtefactVerifier {
  readonly #store: StoreReader;
  readonly #read: ReadContent;
  readonly #known: Map<string, Checked>;
  readonly #states = new Map<string, boolean>();
  #changed = false;

  constructor(store: StoreReader, read: ReadContent, text: string | null) {
    this.#store = store;
    this.#read = read;
    this.#known = new Map(text === null ? [] : parseKnown(text));
  }

  /** What is known without reading any content; null where only that would tell. */
  known(id: string): boolean | null {
    const state = this.#states.get(id);
    if (state !== undefined) return state;
    const found: ArtefactState = this.#store.checkArtefact(id);
    if (found === 'look-closer') return this.#isRemembered(id) ? this.#settle(id, true) : null;
    return this.#settle(id, found === 'good');
  }

  async isWhole(id: string): Promise<boolean> {
    const known = this.known(id);
    if (known !== null) return known;
    const record = this.#store.artefact(id);
    const whole = record !== null && (await this.#isAsRecorded(record));
    const file = this.#store.artefactFile(id);
    if (whole && file) {
      this.#known.set(id, file);
      this.#changed = true;
    }
    return this.#settle(id, whole);
  }

  render(): string | null {
    return this.#changed ? JSON.stringify([...this.#known]) : null;
  }

  #settle(id: string, whole: boolean): boolean {
    this.#states.set(id, whole);
    return whole;
  }

  #isRemembered(id: string): boolean {
    const [known, file] = [this.#known.get(id), this.#store.artefactFile(id)];
    return known !== undefined && file !== null && known.size === file.size && known.mtimeMs === file.mtimeMs;
  }

  async #isAsRecorded(record: ArtefactRecord): Promise<boolean> {
    try {
      const found = await this.#read(this.#store.artefactPath(record.id));
      return found.identity === record.identity && found.rows === record.rows;
    } catch {
      return false;
    }
  }
}

function parseKnown(text: string): readonly [string, Checked][] {
  try {
    const entries: unknown = JSON.parse(text);
    // Written by render: whatever else stands there is no cache of ours.
    return Array.isArray(entries) ? (entries as [string, Checked][]) : [];
  } catch {
    return [];
  }
}
