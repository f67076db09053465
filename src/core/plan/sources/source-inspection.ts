import type { Place } from '../../state/place.ts';
import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { CsvDialect } from '../../definition/options/csv-dialect.ts';
import type { Column } from '../../definition/nodes/node.ts';

/** How the base read a source. */
export interface EarlierReading {
  /** Whether the definition was the same; if not, its columns may differ on purpose. */
  readonly sameDefinition: boolean;
  /** As they are stored. */
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly dialect: CsvDialect | null;
  /** The data that were read, for sources that are read incrementally. */
  readonly data: EarlierData;
}

/** The artefact of an earlier reading. */
export interface EarlierData {
  readonly place: Place;
  /** Server and database that it came from; null for local files. */
  readonly endpoint: string | null;
  readonly bookmark: Bookmark | null;
}

/** How far a source was read. Valid only for the same endpoint and table. */
export interface Bookmark {
  /** The server's id of the table. */
  readonly table: string;
  /** The newest value of the time column, as the server prints it. */
  readonly watermark: string;
}

/** Columns that a source lost or retyped since it was read under the same definition. */
export interface SourceChange {
  /** Phrases for a person, joined by `; `. May hold secrets: redact before showing. */
  readonly text: string;
  /** Why the source is refused; null if its definition accepts the change. */
  readonly refusal: FailureText | null;
}

interface InspectedState {
  /** Server and database of the data, without secrets; null for local files. */
  readonly endpoint: string | null;
}

/** A source whose version the caller already knows; nothing else was inspected. */
export interface KnownSource extends InspectedState {
  readonly version: string;
  readonly columns: null;
}

/** A source that can be read. `details` belong to the connector that made them, and are plain data too. */
export interface InspectedSource<Details = unknown> extends InspectedState {
  /**
   * Identifies the data that a reading would return, and how it is read: equal versions give equal rows and columns. null
   * for a source whose data are known only by reading them.
   */
  readonly version: string | null;
  /** As they will be stored. */
  readonly columns: readonly Column[];
  /** The reading that `change` compares with. */
  readonly earlier: EarlierReading | null;
  readonly change: SourceChange | null;
  /** The failure to report if the source is empty and consumers miss columns; null if it is not empty. */
  readonly empty: FailureText | null;
  readonly details: Details;
}

/** The state of a source at one moment, as plain data that a plan can store. */
export type SourceInspection<Details = unknown> = KnownSource | InspectedSource<Details>;
