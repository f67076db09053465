import type { CsvDialect } from '../core/definition/options/csv-dialect.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import type {
  Bookmark,
  EarlierReading,
  InspectedSource,
  SourceInspection,
} from '../core/plan/sources/source-inspection.ts';
import type { FailureText } from '../diagnostics/failure-text.ts';
import type { WrittenTable } from '../engine/execution/write-file.ts';

/** Questions that an inspection asks its caller. */
export interface Inquiry {
  /** Whether the caller already has the data of this version, so that columns are not needed. */
  isKnown(version: string): Promise<boolean>;
  /** The last reading of the source; called only if the version is not known. */
  earlier(): EarlierReading | null;
}

export interface ReadRequest<Details = unknown> {
  readonly source: SourceNode;
  /** Made by the same connector, possibly in another process. */
  readonly inspection: InspectedSource<Details>;
  /** Absolute path of a file that does not exist yet. */
  readonly into: string;
  /** Reads everything, also if the source is read incrementally. */
  readonly full: boolean;
}

/** Data in a file that now belongs to the caller. */
export interface StagedData extends WrittenTable {
  readonly kind: 'staged';
  /** The version of the inspection. */
  readonly version: string | null;
  readonly endpoint: string | null;
  /** How CSV files were read; null for all other sources. */
  readonly dialect: CsvDialect | null;
  /** How far an incremental source was read; null for all other sources. */
  readonly bookmark: Bookmark | null;
  /** What the user should know about this reading, as sentences. */
  readonly warnings: readonly string[];
}

/** The source changed since its inspection; no file is left behind. `failure` is the error to report if it keeps changing. */
export interface ChangedSource {
  readonly kind: 'changed';
  readonly failure: FailureText;
}

/**
 * Reads sources of one kind. Errors that the user can fix are ToolErrors that name the source. A connector has no state of
 * its own: it receives sessions and caches when it is created.
 */
export interface SourceConnector<Details = unknown> {
  /** Whether an inspection tells the version of a source; otherwise only reading it does. */
  readonly isVersioned: boolean;
  /** Server and database that a source means, without secrets; null for local files. Asks no server. */
  endpointOf(source: SourceNode): Promise<string | null>;
  /** Finds the version of a source, if it has one, and, unless that is known, its columns. Reads no data into the store. */
  inspect(source: SourceNode, inquiry: Inquiry): Promise<SourceInspection<Details>>;
  /** Reads the inspected source into the file `into`, and writes nowhere else. */
  read(request: ReadRequest<Details>): Promise<StagedData | ChangedSource>;
  /** Calls `work` with a query for some rows of the source; reports errors in the data as errors of the source. */
  look<T>(source: SourceNode, work: (query: string) => Promise<T>): Promise<T>;
}
