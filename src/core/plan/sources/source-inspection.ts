import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { CsvDialect } from '../../definition/options/csv-dialect.ts';
import type { Column } from '../../definition/nodes/node.ts';

/** How a source was read before. */
export interface EarlierReading {
  /** Whether the source was defined as it is now; if not, its columns may differ on purpose. */
  readonly sameDefinition: boolean;
  /** As they are stored. */
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly dialect: CsvDialect | null;
}

/** What a source has lost or retyped since it was read before under the same definition. */
export interface SourceChange {
  /** Phrases for a person, joined by `; `. May hold secrets: redact before showing. */
  readonly text: string;
  /** Why the source must not be read; null if its definition accepts the change. */
  readonly refusal: FailureText | null;
}

interface InspectedState {
  /**
   * Names the data that a reading would give, and how they are read: equal versions give equal rows and columns. A source
   * that cannot tell its state without being read has a new version each time.
   */
  readonly version: string;
  /** Server and database that the data come from, without secrets; null for local files. */
  readonly endpoint: string | null;
}

/** A source whose version the caller knows already: nothing further was looked at. */
export interface KnownSource extends InspectedState {
  readonly columns: null;
}

/** A source that can be read. `details` belong to the connector that made them, and are plain data too. */
export interface InspectedSource<Details = unknown> extends InspectedState {
  /** As they will be stored. */
  readonly columns: readonly Column[];
  /** What `change` compares with. */
  readonly earlier: EarlierReading | null;
  readonly change: SourceChange | null;
  /** What to say when consumers miss columns and the source holds nothing at all; null if it holds something. */
  readonly empty: FailureText | null;
  readonly details: Details;
}

/** The state of a source at one moment, as plain data: it can be stored in a plan and read from later. */
export type SourceInspection<Details = unknown> = KnownSource | InspectedSource<Details>;
