import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Column } from './project/node.ts';

/** What scripts read: the JSON documents of the commands. Names and shapes are a promise; they are only ever added to. */

export type Change = 'new' | 'modified' | 'removed' | 'none';
export type Category = 'breaking' | 'non_breaking' | 'metadata';
export type PlanAction = 'run' | 'reuse' | 'remove';

export interface Retyped {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface ColumnChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly retyped: readonly Retyped[];
  /** Columns whose values may differ. */
  readonly changed: readonly string[];
}

export interface PlanTarget {
  readonly type: string;
  readonly physical: string;
}

export interface PlanNode {
  readonly id: string;
  readonly change: Change;
  readonly category: Category | null;
  readonly action: PlanAction;
  /** Reused only if its rebuilt inputs turn out equal in what it reads. */
  readonly verify: boolean;
  /** The environment would point to another artefact, definition or file of this node than now; `verify` may still add one. */
  readonly moves: boolean;
  readonly reason: string;
  readonly columns: ColumnChanges | null;
  readonly rows_changed: boolean | null;
  readonly schema: readonly Column[] | null;
  readonly targets: readonly PlanTarget[];
  /** Short phrases that say why: 'formatting only', 'same result', 'input source.b added', 'volatile random', … */
  readonly evidence: readonly string[];
}

export interface PlanSummary {
  readonly breaking: number;
  readonly non_breaking: number;
  readonly metadata: number;
  readonly new: number;
  readonly removed: number;
  readonly to_execute: number;
  /** Nodes with `verify`. */
  readonly to_verify: number;
  /** Nodes with `moves`, whether or not they run. */
  readonly to_move: number;
}

export interface ProfilePin {
  readonly path: string;
  readonly sha256: string;
  readonly because: string;
}

export interface PlanDocument {
  readonly format: 'seeknal.plan';
  readonly version: 1;
  readonly environment: string | null;
  readonly fingerprint: string;
  readonly base: { readonly lineage: string; readonly serial: number } | null;
  /** Whether applying would make another generation, as far as can be told without reading or comparing data. */
  readonly changed: boolean;
  readonly profile: ProfilePin | null;
  readonly nodes: readonly PlanNode[];
  readonly summary: PlanSummary;
  readonly diagnostics: readonly Diagnostic[];
  /** What apply needs to do exactly this plan: see `PlanRecord`. Left out by `plan --json` on production. */
  readonly record?: object;
}

export type NodeStatus = 'executed' | 'reused' | 'cut_off' | 'failed' | 'skipped' | 'promoted' | 'removed';

export interface RunNode {
  readonly id: string;
  readonly status: NodeStatus;
  readonly rows: number | null;
  readonly seconds: number | null;
  /** The environment now points to another artefact or definition of this node than before. */
  readonly changed: boolean;
  /** Only in a dry run: reused if what it reads turns out equal, else it runs. */
  readonly verify?: true;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly reason: string;
  readonly targets: readonly never[];
}

export interface RunDocument {
  readonly format: 'seeknal.run';
  readonly version: 1;
  readonly environment: string | null;
  readonly serial: number | null;
  readonly status: 'done' | 'failed' | 'nothing_to_do';
  readonly nodes: readonly RunNode[];
  readonly diagnostics: readonly Diagnostic[];
  readonly dry_run?: true;
}

export type EnvironmentStatus = 'planned' | 'applied' | 'failed' | 'promoted' | 'corrupt';

export interface EnvironmentEntry {
  readonly name: string;
  readonly status: EnvironmentStatus;
  readonly serial: number | null;
  readonly created_at: string | null;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly expired: boolean;
}

export interface EnvironmentsDocument {
  readonly format: 'seeknal.environments';
  readonly version: 1;
  readonly environments: readonly EnvironmentEntry[];
}

export interface HistoryEntry {
  readonly serial: number;
  readonly parent: number | null;
  readonly cause: 'run' | 'apply' | 'promote' | 'rollback';
  readonly from: string | null;
  readonly at: string;
  readonly by: string;
  /** Nodes whose definition or artefact is not the parent's; all of them where there is no parent. */
  readonly nodes_changed: readonly string[];
  readonly current: boolean;
}

export interface HistoryDocument {
  readonly format: 'seeknal.history';
  readonly version: 1;
  /** null is production. */
  readonly environment: string | null;
  /** The latest first. */
  readonly generations: readonly HistoryEntry[];
}

/** Some rows that one side has more often, as DuckDB writes their values; null is NULL. */
export interface DiffSamples {
  /** What was compared, or all that the one side has. */
  readonly columns: readonly Column[];
  readonly only_left: readonly (readonly (string | null)[])[];
  readonly only_right: readonly (readonly (string | null)[])[];
}

export interface DiffNode {
  readonly id: string;
  /** 'none' only for a node that was asked for by name. */
  readonly change: Change;
  readonly columns: Omit<ColumnChanges, 'changed'>;
  /** Multisets over the common columns; values of retyped ones are compared under a common type, or as texts. */
  readonly rows: {
    readonly left: number;
    readonly right: number;
    readonly only_left: number;
    readonly only_right: number;
    readonly both: number;
  };
  /** By what rows were brought together; null where nothing had to be, or nothing could. */
  readonly key: readonly string[] | null;
  /** Columns that differ between rows of the same key; null where there is no key. */
  readonly changed_columns: readonly { readonly name: string; readonly rows: number }[] | null;
  /** Only where asked for. */
  readonly samples?: DiffSamples;
}

export interface DiffDocument {
  readonly format: 'seeknal.diff';
  readonly version: 1;
  readonly left: string;
  readonly right: string;
  readonly nodes: readonly DiffNode[];
}

/** A node's definition on disk against production's. */
export interface DefinitionsNode {
  readonly id: string;
  readonly change: Change;
  readonly category: Category | null;
  readonly action: PlanAction;
  readonly reason: string;
  readonly evidence: readonly string[];
  /** From the project root; of a removed node the one that it had. */
  readonly file: string;
  /** How many lines were added, and how many removed. */
  readonly added: number;
  readonly removed: number;
  /** YAML of the two definitions in one canonical form, compared: lines that begin with `+`, `-` or a blank. */
  readonly lines: readonly string[];
  /** Nodes that a run would execute or verify among this one and those below it; none for what changes no data. */
  readonly rebuilds: readonly string[];
}

export interface DefinitionsDocument {
  readonly format: 'seeknal.diff-definitions';
  readonly version: 1;
  /** The generation of production that the disk is compared with; null without one. */
  readonly base: PlanDocument['base'];
  readonly nodes: readonly DefinitionsNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a column goes on to: columns of direct consumers that it makes or decides, and nodes whose rows it decides. */
export interface ColumnReaders {
  readonly value: readonly string[];
  readonly condition: readonly string[];
  readonly rows: readonly string[];
}

export interface LineageDocument {
  readonly format: 'seeknal.lineage';
  readonly version: 1;
  readonly node: string;
  readonly upstream: readonly string[];
  readonly downstream: readonly string[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: readonly string[];
    readonly condition: readonly string[];
    readonly readers?: ColumnReaders;
  }[];
  readonly rows: readonly string[];
}

export interface ErrorDocument {
  readonly format: 'seeknal.error';
  readonly version: 1;
  readonly diagnostics: readonly Diagnostic[];
}
