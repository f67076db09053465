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
}

/** Columns that a source lost or retyped since it was read under the same definition. */
export interface SourceChange {
  /** Phrases for a person, joined by `; `. May hold secrets: redact before showing. */
  readonly text: string;
  /** Why the source is refused; null if its definition accepts the change. */
  readonly refusal: FailureText | null;
}

interface InspectedState {
  /**
   * Identifies the data that a reading would return, and how it is read: equal versions give equal rows and columns. A
   * source whose state is known only by reading it has a new version each time.
   */
  readonly version: string;
  /** Server and database of the data, without secrets; null for local files. */
  readonly endpoint: string | null;
}

/** A source whose version the caller already knows; nothing else was inspected. */
export interface KnownSource extends InspectedState {
  readonly columns: null;
}

/** A source that can be read. `details` belong to the connector that made them, and are plain data too. */
export interface InspectedSource<Details = unknown> extends InspectedState {
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
