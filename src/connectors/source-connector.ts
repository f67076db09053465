import type { CsvDialect } from '../core/definition/options/csv-dialect.ts';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { EarlierReading, InspectedSource, SourceInspection } from '../core/plan/sources/source-inspection.ts';
import type { FailureText } from '../diagnostics/failure-text.ts';
import type { WrittenTable } from '../engine/execution/write-file.ts';

/** What an inspection asks of its caller. */
export interface Inquiry {
  /** Whether the caller has the data of this version, so that columns are not needed. */
  isKnown(version: string): Promise<boolean>;
  /** How the source was read before; asked only if the version is not known. */
  earlier(): EarlierReading | null;
}

export interface ReadRequest<Details = unknown> {
  readonly source: SourceNode;
  /** By the same connector, possibly in another process. */
  readonly inspection: InspectedSource<Details>;
  /** Absolute path of a file that does not exist yet. */
  readonly into: string;
}

/** Data that were read, in a file that belongs to the caller from now on. */
export interface StagedData extends WrittenTable {
  readonly kind: 'staged';
  /** The version that was read: that of the inspection. */
  readonly version: string;
  readonly endpoint: string | null;
  /** How CSV files were read; null for all other sources. */
  readonly dialect: CsvDialect | null;
}

/** The source is no longer what was inspected; nothing is left behind. `failure` is what to say if that goes on. */
export interface ChangedSource {
  readonly kind: 'changed';
  readonly failure: FailureText;
}

/**
 * Reads sources of one kind. Every error that the user can do something about is a ToolError that names the source.
 * A connector keeps nothing between calls: sessions and caches belong to what it was made with.
 */
export interface SourceConnector<Details = unknown> {
  /** Looks at a source no further than needed to tell its version and, unless that is known, its columns. Reads no data into the store. */
  inspect(source: SourceNode, inquiry: Inquiry): Promise<SourceInspection<Details>>;
  /** Reads what was inspected into `into`, and writes nowhere else. */
  read(request: ReadRequest<Details>): Promise<StagedData | ChangedSource>;
  /** Calls `work` with a query of the source for looking at some of its rows; errors in its data are told as errors of the source. */
  look<T>(source: SourceNode, work: (query: string) => Promise<T>): Promise<T>;
}
