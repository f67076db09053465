import { join, posix, relative, sep } from 'node:path';
import type { ArtefactRecord } from '../../core/state/artefact.ts';
import type { FilesPlace, PlacedFile, TablePlace } from '../../core/state/place.ts';
import type { StorePaths } from '../paths.ts';
import type { LedgerRecord } from '../records.ts';
import { damaged } from './stored-json.ts';

/** A place in the format of the ledger. */
type StoredPlace = { readonly kind: 'files'; readonly files: readonly StoredFile[] } | TablePlace | FormerPlace;

/** One file with the artefact's id as its name; written by earlier versions. */
interface FormerPlace {
  readonly kind: 'parquet';
  readonly size: number;
  readonly mtimeMs: number;
}

interface StoredFile {
  /** Relative to the artefact folder, with `/`, so that the project can be moved. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Omitted if the artefact has one file: its rows are the artefact's. */
  readonly rows?: number;
  /** Omitted if the file's content parts are unknown. */
  readonly sum?: string;
}

type StoredArtefact = { readonly t: 'artefact' } & Omit<ArtefactRecord, 'place'> & { readonly place: StoredPlace };

/** A record in the format of the ledger; only artefact records differ from `LedgerRecord`. */
export type StoredRecord = StoredArtefact | Exclude<LedgerRecord, { readonly t: 'artefact' }>;

/** One line of the ledger, with its line feed. */
export const renderRecord = (record: LedgerRecord, paths: StorePaths): string =>
  `${JSON.stringify(record.t === 'artefact' ? { ...record, place: storePlace(record, paths) } : record)}\n`;

/** A record with absolute paths. Throws `store-damaged` for a place outside the store. */
export const readRecord = (record: StoredRecord, paths: StorePaths): LedgerRecord =>
  record.t === 'artefact' ? { ...record, place: readPlace(record, paths) } : record;

function storePlace({ place, rows }: ArtefactRecord, paths: StorePaths): StoredPlace {
  if (place.kind === 'table') return place;
  const isOnly = place.files.length === 1;
  const files = place.files.map(({ path, size, mtimeMs, parts }): StoredFile => {
    const stored = { path: relative(paths.artefacts, path).split(sep).join('/'), size, mtimeMs };
    if (!parts) return stored;
    return { ...stored, ...(isOnly && parts.rows === rows ? {} : { rows: parts.rows }), sum: parts.sum };
  });
  return { kind: 'files', files };
}

function readPlace({ id, place, rows }: StoredArtefact, paths: StorePaths): FilesPlace | TablePlace {
  switch (place.kind) {
    case 'parquet': {
      const { size, mtimeMs } = place;
      return { kind: 'files', files: [{ path: paths.artefact(id), size, mtimeMs }] };
    }
    case 'files':
      return { kind: 'files', files: place.files.map(file => readFile(file, rows, paths)) };
    case 'table':
      return place;
    default:
      throw damaged(paths.ledger);
  }
}

function readFile({ path, size, mtimeMs, sum, rows: own }: StoredFile, rows: number, paths: StorePaths): PlacedFile {
  if (!isInside(path)) throw damaged(paths.ledger);
  const placed = { path: join(paths.artefacts, path), size, mtimeMs };
  return sum === undefined ? placed : { ...placed, parts: { rows: own ?? rows, sum } };
}

/** A record must not make a command read or delete files outside the store. */
const isInside = (path: string): boolean =>
  path !== '' && !posix.isAbsolute(path) && posix.normalize(path) === path && !path.startsWith('..');
