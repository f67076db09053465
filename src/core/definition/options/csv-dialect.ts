import type { JsonObject } from '../../json.ts';
import type { Column } from '../nodes/node.ts';

/** How CSV files were read according to DuckDB's sniffer; the next reading under the same definition uses it. */
export interface CsvDialect {
  readonly delim: string;
  /** null if the files contain none, so that a later file may introduce one. */
  readonly quote: string | null;
  readonly escape: string | null;
  readonly comment: string | null;
  /** Number of lines above the header, or above the data without a header. */
  readonly skip: number;
  readonly header: boolean;
  readonly dateFormat: string | null;
  readonly timestampFormat: string | null;
  /** The columns of the files in order: their names in the header, their final names, and their types. */
  readonly columns: readonly (Column & { readonly field: string })[];
}

/** The user's options take precedence over the detected dialect: another artefact of the same rows may have been read in another way. */
export function withGiven(dialect: CsvDialect, options: JsonObject): CsvDialect {
  const { delim, quote, escape, skip, header, comment } = options;
  return {
    ...dialect,
    ...(typeof delim === 'string' ? { delim } : {}),
    ...(typeof quote === 'string' ? { quote } : {}),
    ...(typeof escape === 'string' ? { escape } : {}),
    ...(typeof comment === 'string' ? { comment } : {}),
    ...(typeof skip === 'number' ? { skip } : {}),
    ...(typeof header === 'boolean' ? { header } : {}),
  };
}

/** Whether files can be read by either of two dialects under the same options: one that was found for other files may name columns wrongly. */
export function isReadAlike(options: JsonObject, known: CsvDialect | null, now: CsvDialect | null): boolean {
  if (known === null || now === null) return true;
  const shape = ({ delim, quote, header, columns }: CsvDialect): string =>
    JSON.stringify([delim, quote ?? '"', header, columns.map(({ field }) => field.toLowerCase())]);
  return shape(withGiven(known, options)) === shape(withGiven(now, options));
}
