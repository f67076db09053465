import type { Column } from '../nodes/node.ts';

/** How CSV files were read, as DuckDB's sniffer found it: what the next reading under the same definition goes by. */
export interface CsvDialect {
  readonly delim: string;
  /** null where the files hold none, so that a later one may bring it. */
  readonly quote: string | null;
  readonly escape: string | null;
  readonly comment: string | null;
  /** Lines above the header, or above the data where there is none. */
  readonly skip: number;
  readonly header: boolean;
  readonly dateFormat: string | null;
  readonly timestampFormat: string | null;
  /** The columns of the files in their order: as the header writes them, as they are named, and as they are read. */
  readonly columns: readonly (Column & { readonly field: string })[];
}
