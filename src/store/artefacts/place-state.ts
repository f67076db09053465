import { statSync } from 'node:fs';
import { placedFiles, type Place, type PlacedFile } from '../../core/state/place.ts';

/** `look-closer`: size or time differ from the record, as in a copy of the project; the content has to be checked. */
export type ArtefactState = 'good' | 'look-closer' | 'missing';

/** Size and time of a file. */
export type FileStamp = Pick<PlacedFile, 'size' | 'mtimeMs'>;

/** Compares the size and time of a place's files with the record. */
export function stateOf(place: Place): ArtefactState {
  const states = placedFiles(place).map(fileState);
  if (states.includes('missing')) return 'missing';
  return states.includes('look-closer') ? 'look-closer' : 'good';
}

/** Compares the size and time of one file with the record. */
export function fileState(file: PlacedFile): ArtefactState {
  const found = stampOf(file.path);
  if (found === null) return 'missing';
  return isSameStamp(found, file) ? 'good' : 'look-closer';
}

/** null if the file does not exist. */
export function stampOf(path: string): FileStamp | null {
  const file = statSync(path, { throwIfNoEntry: false });
  return file?.isFile() ? { size: file.size, mtimeMs: file.mtimeMs } : null;
}

export const isSameStamp = (a: FileStamp, b: FileStamp): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs;

/** Size of a place on disk in bytes; null if one of its files is missing. */
export function bytesOf(place: Place): number | null {
  const stamps = placedFiles(place).map(file => stampOf(file.path));
  return stamps.reduce<number | null>((sum, stamp) => (sum === null || stamp === null ? null : sum + stamp.size), 0);
}

/** Absolute paths of a place's files. */
export const pathsOf = (place: Place): readonly string[] => placedFiles(place).map(file => file.path);

/** The one file of a place, which others may link to; null where there are several. */
export function onlyFileOf(place: Place): string | null {
  const [path, ...more] = pathsOf(place);
  return path !== undefined && more.length === 0 ? path : null;
}
