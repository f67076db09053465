import type { ArtefactRecord } from '../../core/state/artefact.ts';
import { identityFrom } from '../../core/state/content-parts.ts';
import { placedFiles, type Place, type PlacedFile } from '../../core/state/place.ts';
import type { ContentIdentity } from '../../engine/identity/content-identity.ts';
import { type ArtefactState, fileState, type FileStamp, isSameStamp, stampOf, stateOf } from './place-state.ts';

/** Reads what a place holds, in all its columns. */
export type ReadContent = (place: Place) => Promise<Pick<ContentIdentity, 'identity' | 'rows'>>;

interface Records {
  artefact(id: string): ArtefactRecord | null;
}

/**
 * Which artefacts are what was written. Size and time only decide whether to look closer, as they differ in a copy of
 * the project; then the content decides, file by file where the record allows it. What was found is kept, so that it is
 * read once.
 */
export class ArtefactVerifier {
  readonly #records: Records;
  readonly #read: ReadContent;
  /** Stamps that files had when their content was found whole, in the order of an artefact's files. */
  readonly #verified: Map<string, readonly FileStamp[]>;
  readonly #states = new Map<string, boolean>();
  #changed = false;

  /** `cached` is what an earlier verifier rendered; null or anything else counts as nothing. */
  constructor(records: Records, read: ReadContent, cached: string | null) {
    this.#records = records;
    this.#read = read;
    this.#verified = new Map(cached === null ? [] : parseVerified(cached));
  }

  /** What is known without reading any content; null where only that would tell. */
  known(id: string): boolean | null {
    const state = this.#states.get(id);
    if (state !== undefined) return state;
    const record = this.#records.artefact(id);
    const found: ArtefactState = record ? stateOf(record.place) : 'missing';
    if (record && found === 'look-closer') return this.#doubtful(record).length === 0 ? this.#settle(id, true) : null;
    return this.#settle(id, found === 'good');
  }

  /** Whether an artefact is there and holds what was written. */
  async isWhole(id: string): Promise<boolean> {
    const known = this.known(id);
    if (known !== null) return known;
    const record = this.#records.artefact(id);
    const whole = record !== null && (await this.#isAsRecorded(record));
    if (whole) this.#keep(record);
    return this.#settle(id, whole);
  }

  /** What was found, for the cache; null where nothing was. */
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

  /** Files that are neither as recorded nor as they were when their content was last found whole. */
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

/** What has to be read to verify an artefact, and what it has to hold: the whole where a doubtful file has no parts. */
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

/** Anything that `render` did not write is skipped: then the content is read once more. */
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
