import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Column } from '../definition/nodes/node.ts';

/** Scripts read the documents in this folder: fields may be added, but never renamed, removed or changed. */

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
  /** What writing it does besides its rows, as short phrases; omitted if the server was not asked. */
  readonly steps?: readonly string[];
}

export interface PlanNode {
  readonly id: string;
  readonly change: Change;
  readonly category: Category | null;
  readonly action: PlanAction;
  /** Reused only if what it reads of its rebuilt inputs turns out equal. */
  readonly verify: boolean;
  /** The environment would point to another artefact, definition or file of this node; a node to verify may also move. */
  readonly moves: boolean;
  readonly reason: string;
  readonly columns: ColumnChanges | null;
  readonly rows_changed: boolean | null;
  readonly schema: readonly Column[] | null;
  readonly targets: readonly PlanTarget[];
  /** Short phrases that say why: 'formatting only', 'equivalent query', 'input source.b added', 'volatile random', … */
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
  /** Whether applying would create a generation, judged without reading or comparing data. */
  readonly changed: boolean;
  readonly profile: ProfilePin | null;
  readonly nodes: readonly PlanNode[];
  readonly summary: PlanSummary;
  readonly diagnostics: readonly Diagnostic[];
  /** What apply needs to carry out exactly this plan: see `PlanRecord`. `plan --json` on production omits it. */
  readonly record?: object;
}
