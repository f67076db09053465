import { placedFiles, type PlacedFile, type TablePlace } from '../core/state/place.ts';
import { literalPath, quoteText } from './sql-text.ts';

/** A place as far as reading it needs to know: also a file that was just written, and of which nothing is recorded. */
export type ScannedPlace = TablePlace | ScannedFiles;

interface ScannedFiles {
  readonly kind: 'files';
  /** Absolute paths. */
  readonly files: readonly Pick<PlacedFile, 'path'>[];
}

/** The place of one file that nobody recorded. */
export const placeOfFile = (path: string): ScannedFiles => ({ kind: 'files', files: [{ path }] });

/** SQL that reads a place as it was written: nothing in a path is a pattern or a partition. Throws `not-yet-supported`. */
export const scan = (place: ScannedPlace): string => parquetOf(placedFiles(place));

/** The same for each file of a place on its own, with `file_row_number` as one more column if asked for. */
export const scanEach = (place: ScannedPlace, { numbered }: { readonly numbered: boolean }): readonly string[] =>
  placedFiles(place).map(file => parquetOf([file], numbered ? ', file_row_number = true' : ''));

/** Every path that the engine must be allowed to open to read a place. */
export const pathsToAllow = (place: ScannedPlace): readonly string[] =>
  placedFiles(place).flatMap(({ path }) => waysTo(path));

/** DuckDB asks for a path first as it is written in the query, then for the file that it found there. */
export const waysTo = (path: string): readonly string[] => [...new Set([path, literalPath(path)])];

function parquetOf(files: readonly Pick<PlacedFile, 'path'>[], options = ''): string {
  const paths = files.map(({ path }) => quoteText(literalPath(path)));
  return `read_parquet([${paths.join(', ')}], hive_partitioning = false${options})`;
}
