import { placedFiles, type PlacedFile, type TablePlace } from '../core/state/place.ts';
import { literalPath, quoteText } from './sql-text.ts';

/** The parts of a place that reading needs; a file without a record is enough. */
export type ScannedPlace = TablePlace | ScannedFiles;

interface ScannedFiles {
  readonly kind: 'files';
  /** Absolute paths. */
  readonly files: readonly Pick<PlacedFile, 'path'>[];
}

/** The place of one file without a record. */
export const placeOfFile = (path: string): ScannedFiles => ({ kind: 'files', files: [{ path }] });

/** SQL that reads a place; paths are not interpreted as patterns or partitions. Throws `not-yet-supported`. */
export const scan = (place: ScannedPlace): string => parquetOf(placedFiles(place));

/** Like `scan`, but separately for each file; `numbered` adds the column `file_row_number`. */
export const scanEach = (place: ScannedPlace, { numbered }: { readonly numbered: boolean }): readonly string[] =>
  placedFiles(place).map(file => parquetOf([file], numbered ? ', file_row_number = true' : ''));

/** All paths that the engine must be allowed to open to read a place. */
export const pathsToAllow = (place: ScannedPlace): readonly string[] =>
  placedFiles(place).flatMap(({ path }) => waysTo(path));

/** DuckDB checks the path as written in the query, and then the path of the file found. */
export const waysTo = (path: string): readonly string[] => [...new Set([path, literalPath(path)])];

function parquetOf(files: readonly Pick<PlacedFile, 'path'>[], options = ''): string {
  const paths = files.map(({ path }) => quoteText(literalPath(path)));
  return `read_parquet([${paths.join(', ')}], hive_partitioning = false${options})`;
}
