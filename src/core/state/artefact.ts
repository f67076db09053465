import type { CsvDialect } from '../definition/options/csv-dialect.ts';
import type { Column, NodeId } from '../definition/nodes/node.ts';
import type { Bookmark } from '../plan/sources/source-inspection.ts';
import type { ContentParts } from './content-parts.ts';
import type { Place } from './place.ts';

/** Everything that is known about the immutable output of one node; written once. */
export interface ArtefactRecord {
  /** 16 random characters of a-z and 2-7. */
  readonly id: string;
  readonly node: NodeId;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Content identity: equal for equal rows, in any order. */
  readonly identity: string;
  /** Node id → artefact that it was built from. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly endpoints: readonly string[];
  readonly place: Place;
  /** How the files of a CSV source were read; omitted for all other nodes. */
  readonly dialect?: CsvDialect;
  /** How far an incremental source was read; omitted for all other nodes. */
  readonly bookmark?: Bookmark;
  /** Seconds that building it took. */
  readonly seconds: number;
  readonly at: string;
}

/** An artefact before the store has placed its files. */
export interface ArtefactDraft extends Omit<ArtefactRecord, 'id' | 'place'> {
  /** One per file, in file order; omitted if not computed. */
  readonly parts?: readonly ContentParts[];
}
