import type { CsvDialect } from '../definition/options/csv-dialect.ts';
import type { Column, NodeId } from '../definition/nodes/node.ts';

/** Where an artefact's data are; a tag, so that other engines can add places of their own. */
export interface ParquetPlace {
  readonly kind: 'parquet';
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
}

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
  readonly place: ParquetPlace;
  /** How the files of a CSV source were read; left out for all other nodes. */
  readonly dialect?: CsvDialect;
  /** What making it took. */
  readonly seconds: number;
  readonly at: string;
}

export type ArtefactDraft = Omit<ArtefactRecord, 'id' | 'place'>;
