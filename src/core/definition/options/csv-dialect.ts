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
