import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { JsonObject } from '../core/json.ts';
import type { CsvDialect } from '../core/project/csv-dialect.ts';
import type { Column, NodeId } from '../core/project/node.ts';

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

/** What a generation stores of a definition: the node's document, and the values that were given to its parameters. */
export interface NodeDefinition {
  readonly document: JsonObject;
  readonly values: JsonObject;
}

/** What a node was filled in with that stands in no definition; a run may leave nodes behind that were built on another day. */
export interface NodeParameters {
  /** What `{{ today }}` was; left out where the node does not ask. */
  readonly date?: string;
  /** Values that `--params` gave, by name. */
  readonly overrides?: JsonObject;
  /** Environment variable → SHA-256 of the canonical JSON of its value. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface GenerationNode {
  readonly id: NodeId;
  /** From the project root, with `/`. */
  readonly file: string;
  /** Hash under which the ledger holds the definition. */
  readonly definition: string;
  readonly artefact: string;
  readonly fingerprint: string;
  readonly status: 'executed' | 'reused' | 'cut_off' | 'promoted';
  /** When this entry last changed. */
  readonly at: string;
  /** Left out where the node uses none. */
  readonly parameters?: NodeParameters;
  readonly targets: readonly [];
}

/** The git commit that definitions were checked out from, and whether they were just as in it. */
export interface DefinitionsCommit {
  readonly hash: string;
  readonly clean: boolean;
}

/** A promotion or rollback that a generation undid for a node, on purpose. */
export interface Reverted {
  readonly serial: number;
  readonly node: NodeId;
}

/** A version of an environment, whole; never changed once written. */
export interface Generation {
  /** null is production. */
  readonly environment: EnvironmentName | null;
  /** Counts from 1 in each environment. */
  readonly serial: number;
  readonly parent: number | null;
  /** The production generation that it was planned from. */
  readonly base: { readonly lineage: string; readonly serial: number } | null;
  readonly cause: 'run' | 'apply' | 'promote' | 'rollback';
  readonly from: string | null;
  readonly by: string;
  readonly at: string;
  /** Of a rollback: the generation whose content it shows; left out elsewhere. */
  readonly restored?: number;
  /** Where its definitions come from; null or left out without git. */
  readonly commit?: DefinitionsCommit | null;
  /** Left out where there are none. */
  readonly reverted?: readonly Reverted[];
  /** Fingerprint of the plan that it carried out. */
  readonly plan: string | null;
  readonly nodes: readonly GenerationNode[];
}

export type GenerationDraft = Omit<Generation, 'environment' | 'serial' | 'parent'>;

/** How the last try to move an environment ended, whether it moved or not. */
export interface RunAttempt {
  readonly at: string;
  readonly status: 'done' | 'failed';
  readonly failed: readonly string[];
}

/** One line of the ledger. */
export type LedgerRecord =
  | ({ readonly t: 'artefact' } & ArtefactRecord)
  | { readonly t: 'name'; readonly fingerprint: string; readonly artefact: string }
  | { readonly t: 'definition'; readonly hash: string; readonly definition: JsonObject }
  | {
      readonly t: 'equal';
      readonly a: string;
      readonly b: string;
      /** null: all of them. */
      readonly columns: readonly string[] | null;
      readonly ordered: boolean;
      readonly equal: boolean;
    }
  | ({ readonly t: 'attempt'; readonly environment: EnvironmentName | null } & RunAttempt);
