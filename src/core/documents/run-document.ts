import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

export type NodeStatus = 'executed' | 'reused' | 'cut_off' | 'failed' | 'skipped' | 'promoted' | 'removed';

/** An external target of a node. */
export interface RunTarget {
  readonly type: string;
  readonly physical: string;
  /** `behind`: the table does not show this version, and nothing tried to write it. `skipped`: it stays as it is. */
  readonly status: 'written' | 'behind' | 'failed' | 'skipped';
  readonly rows: number | null;
  readonly seconds: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Only in a dry run: what writing it does besides its rows, as short phrases; omitted if nothing. */
  readonly steps?: readonly string[];
}

export interface RunNode {
  readonly id: string;
  readonly status: NodeStatus;
  readonly rows: number | null;
  readonly seconds: number | null;
  /** The environment points to another artefact or definition of this node than before. */
  readonly changed: boolean;
  /** Only in a dry run: reused if what it reads turns out equal, otherwise it runs. */
  readonly verify?: true;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly reason: string;
  readonly targets: readonly RunTarget[];
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
