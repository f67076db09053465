import type { ArtefactRecord } from '../../core/state/artefact.ts';
import { identityFrom } from '../../core/state/content-parts.ts';
import { placedFiles, type Place, type PlacedFile } from '../../core/state/place.ts';
import type { ContentIdentity } from '../../engine/identity/content-identity.ts';
import { type ArtefactState, fileState, type FileStamp, isSameStamp, stampOf, stateOf } from './place-state.ts';

/** Reads the content identity of a place over all columns. */
export type ReadContent = (place: Place) => Promise<Pick<ContentIdentity, 'identity' | 'rows'>>;

interface Records {
  artefact(id: string): ArtefactRecord | null;
}

/**
 * Checks that artefacts still hold what was written. Size and time change when a project is copied, so a difference only
 * triggers a check of the content, file by file where the record allows it. Results are cached, so content is read once.
 */
export class ArtefactVerifier {
  readonly #records: Records;
  readonly #read: ReadContent;
  /** Stamps of an artefact's files, in their order, when the content was last verified. */
  readonly #verified: Map<string, readonly FileStamp[]>;
  readonly #states = new Map<string, boolean>();
  #changed = false;

  /** `cached` is the output of an earlier `render`; null or any other text is ignored. */
  constructor(records: Records, read: ReadContent, cached: string | null) {
    this.#records = records;
    this.#read = read;
    this.#verified = new Map(cached === null ? [] : parseVerified(cached));
  }

  /** Whether an artefact is whole, without reading content; null if the content has to be read. */
  known(id: string): boolean | null {
    const state = this.#states.get(id);
    if (state !== undefined) return state;
    const record = this.#records.artefact(id);
    const found: ArtefactState = record ? stateOf(record.place) : 'missing';
    if (record && found === 'look-closer') return this.#doubtful(record).length === 0 ? this.#settle(id, true) : null;
    return this.#settle(id, found === 'good');
  }

  /** Whether an artefact exists and holds what was written. */
  async isWhole(id: string): Promise<boolean> {
    const known = this.known(id);
    if (known !== null) return known;
    const record = this.#records.artefact(id);
    const whole = record !== null && (await this.#isAsRecorded(record));
    if (whole) this.#keep(record);
    return this.#settle(id, whole);
  }

  /** The results as text for the cache; null if there are no new ones. */
  render(): string | null {
    return this.#changed ? JSON.stringify([...this.#verified]) : null;
  }

  #settle(id: string, whole: boolean): boolean {
    this.#states.set(id, whole);
    return whole;
  }

  #keep({ id, place }: ArtefactRecord): void {
    const stamps = placedFiles(place).flatMap(file => stampOf(file.path) ?? []);
    this.#verified.set(id, stamps);
    this.#changed = true;
  }

  /** Files whose stamps match neither the record nor the last successful check. */
  #doubtful({ id, place }: ArtefactRecord): readonly PlacedFile[] {
    const verified = this.#verified.get(id) ?? [];
    return placedFiles(place).filter((file, index) => {
      const [before, now] = [verified[index], stampOf(file.path)];
      return fileState(file) !== 'good' && !(before && now && isSameStamp(before, now));
    });
  }

  async #isAsRecorded(record: ArtefactRecord): Promise<boolean> {
    const doubtful = this.#doubtful(record);
    try {
      for (const { place, content } of toRead(record, doubtful)) {
        const found = await this.#read(place);
        if (found.identity !== content.identity || found.rows !== content.rows) return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}

interface Expected {
  readonly place: Place;
  readonly content: Pick<ContentIdentity, 'identity' | 'rows'>;
}

/** The places to read and the content expected in each; the whole artefact if a doubtful file has no parts. */
function toRead(record: ArtefactRecord, doubtful: readonly PlacedFile[]): readonly Expected[] {
  const single = doubtful.flatMap(({ parts, ...file }): readonly Expected[] =>
    parts
      ? [
          {
            place: { kind: 'files', files: [file] },
            content: { identity: identityFrom(record, [parts]), rows: parts.rows },
          },
        ]
      : [],
  );
  return single.length === doubtful.length ? single : [{ place: record.place, content: record }];
}

/** Skips entries that `render` did not write; their content is read again. */
function parseVerified(text: string): readonly [string, readonly FileStamp[]][] {
  try {
    const entries: unknown = JSON.parse(text);
    return Array.isArray(entries) ? entries.filter(isVerified) : [];
  } catch {
    return [];
  }
}

const isVerified = (entry: unknown): entry is [string, readonly FileStamp[]] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && Array.isArray(entry[1]);
