import type { CsvDialect } from '../definition/options/csv-dialect.ts';
import type { Column, NodeId } from '../definition/nodes/node.ts';
import type { ContentParts } from './content-parts.ts';
import type { Place } from './place.ts';

/** The immutable output of one node: everything that is known about it, written once. */
export interface ArtefactRecord {
  /** 16 random characters of a-z and 2-7. */
  readonly id: string;
  readonly node: NodeId;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Content identity: equal for equal rows in any order. */
  readonly identity: string;
  /** Node id → artefact that it was built from. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly endpoints: readonly string[];
  readonly place: Place;
  /** How the files of a CSV source were read; left out for all other nodes. */
  readonly dialect?: CsvDialect;
  /** What making it took. */
  readonly seconds: number;
  readonly at: string;
}

/** What is known of an artefact before the store has placed its files. */
export interface ArtefactDraft extends Omit<ArtefactRecord, 'id' | 'place'> {
  /** Of each file, in their order; left out where nobody computed them. */
  readonly parts?: readonly ContentParts[];
}
