export interface HistoryEntry {
  readonly serial: number;
  readonly parent: number | null;
  readonly cause: 'run' | 'apply' | 'promote' | 'rollback';
  readonly from: string | null;
  readonly at: string;
  readonly by: string;
  /** Nodes whose definition or artefact differs from the parent's; all nodes without a parent. */
  readonly nodes_changed: readonly string[];
  readonly current: boolean;
}

export interface HistoryDocument {
  readonly format: 'seeknal.history';
  readonly version: 1;
  /** null is production. */
  readonly environment: string | null;
  /** Latest first. */
  readonly generations: readonly HistoryEntry[];
  /** Serials of damaged generations, latest first. */
  readonly unreadable: readonly number[];
}
