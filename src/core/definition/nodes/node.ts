import type { Position } from '../../../diagnostics/diagnostic.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { TextPlaces } from '../yaml/text-places.ts';
import type { MapTree } from '../yaml/yaml-tree.ts';
import type { TargetDefinition } from './target-definition.ts';

/** `kind.name`, as the user wrote the name; unique in a project also when case is ignored. */
export type NodeId = string & { readonly brand: 'node-id' };

/** Supported kinds of node. */
export const NODE_KINDS = ['source', 'transform'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/** Types of source that read files. */
export const FILE_SOURCE_TYPES = ['csv', 'parquet', 'json', 'jsonl'] as const;
export type FileSourceType = (typeof FILE_SOURCE_TYPES)[number];

/** Supported types of source. */
export const SOURCE_TYPES = [...FILE_SOURCE_TYPES, 'postgresql'] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

/** A column of an output. */
export interface Column {
  readonly name: string;
  /** A DuckDB type as DuckDB prints it. */
  readonly type: string;
}

/** A column under `columns:`. */
export interface DeclaredColumn {
  readonly name: string;
  readonly description: string | null;
  readonly dtype: string | null;
  readonly at: Position | null;
}

/** An entry of `inputs:`. */
export interface InputReference {
  readonly id: NodeId;
  /** The name under `{ alias: ref:kind.name }`, usable as `{{ alias }}`. */
  readonly alias: string | null;
  readonly at: Position | null;
}

/** A node's file. */
export interface NodeOrigin {
  readonly text: string;
  readonly map: MapTree;
}

interface NodeFields {
  readonly id: NodeId;
  readonly name: string;
  /** Path from the project root, with `/`. */
  readonly file: string;
  readonly description: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** null if the node declares none. */
  readonly columns: readonly DeclaredColumn[] | null;
  readonly params: JsonObject;
  /** The file that the node was parsed from; absent for a node that was built from a stored definition. */
  readonly origin?: NodeOrigin;
  readonly inputs: readonly InputReference[];
  /** Enabled entries of `materializations`. */
  readonly targets: readonly TargetDefinition[];
  /** The complete document as data, which generations store and plans compare. `transform_file` is kept, and its text added under `transform`. */
  readonly definition: JsonObject;
  /** Values of environment variables in the node: never to be printed or stored. Absent before parameters are filled in. */
  readonly secrets?: readonly string[];
  /** The place of the name; null for a node that was built from a stored definition. */
  readonly at: Position | null;
}

/** A node that reads files, or a table or query of a server. */
export interface SourceNode extends NodeFields {
  readonly kind: 'source';
  readonly source: SourceType;
  /** Path or glob from the project root, or a table of a server; empty if `options.query` says what to read. */
  readonly table: string;
  /** `params` that are options: DuckDB reader options (`delimiter` is already `delim`), or `query`, `connection` and settings of a connection. */
  readonly options: JsonObject;
  readonly schema: readonly Column[] | null;
  /** What happens if the data lose or retype a column while the definition stays the same. */
  readonly onSchemaChange: SchemaChangePolicy;
  /** Reads only new rows and merges them; null reads everything. */
  readonly incremental: IncrementalReading | null;
  readonly freshness: FreshnessRule | null;
}

/** `incremental` of a source. */
export interface IncrementalReading {
  readonly timeColumn: string;
  readonly key: readonly string[];
  /** Milliseconds. */
  readonly lookback: number;
}

/** `freshness` of a source: how old its newest row may be. */
export interface FreshnessRule {
  readonly timeColumn: string;
  /** Milliseconds; null for no limit. */
  readonly warnAfter: number | null;
  readonly errorAfter: number | null;
}

/** Values of `on_schema_change`. */
export const SCHEMA_CHANGE_POLICIES = ['fail', 'evolve'] as const;
export type SchemaChangePolicy = (typeof SCHEMA_CHANGE_POLICIES)[number];

/** A node that is a query over other nodes. */
export interface TransformNode extends NodeFields {
  readonly kind: 'transform';
  readonly sql: SqlText;
}

/** Any node of a project. */
export type ProjectNode = SourceNode | TransformNode;

/** SQL as the user wrote it, with its places in the file. */
export interface SqlText {
  readonly text: string;
  /** The YAML file, or the file that `transform_file` names. */
  readonly file: string;
  /** The places of `text` in `file`, and the text of that file; null for a node that was built from a stored definition. */
  readonly places: TextPlaces | null;
  readonly fileText: string | null;
}

/** `seeknal_project.yml`. */
export interface ProjectSettings {
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  readonly threads: number | null;
  readonly memoryLimit: string | null;
  readonly maxWorkers: number | null;
  /** Milliseconds. */
  readonly environmentTtl: number;
  readonly keepGenerations: number;
  readonly keepDays: number;
}

/** One file of the project as text; `path` is relative to the root, with `/`. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
  /** Why the file could not be read as text; `text` then contains the readable part. */
  readonly flaw?: TextFlaw;
}

/** Why a file could not be read as text. */
export interface TextFlaw {
  readonly code: 'unreadable-file' | 'not-utf8';
  readonly message: string;
  readonly hint: string;
}

/** A parsed project. */
export interface Project {
  readonly settings: ProjectSettings;
  /** In the order of their ids. */
  readonly nodes: readonly ProjectNode[];
  /** Shared values of `seeknal/common/*.yml`, merged at the top level. */
  readonly common: Readonly<Record<string, Json>>;
}
