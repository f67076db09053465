import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Change, Category, PlanAction, PlanDocument } from './plan-document.ts';

/** A node's definition on disk, compared with production's. */
export interface DefinitionsNode {
  readonly id: string;
  readonly change: Change;
  readonly category: Category | null;
  readonly action: PlanAction;
  readonly reason: string;
  readonly evidence: readonly string[];
  /** From the project root; for a removed node, its former file. */
  readonly file: string;
  /** Number of added and of removed lines. */
  readonly added: number;
  readonly removed: number;
  /** Diff of the two definitions as canonical YAML: lines that begin with `+`, `-` or a space. */
  readonly lines: readonly string[];
  /** Nodes that a run would execute or verify: this one and those below it; empty if the change affects no data. */
  readonly rebuilds: readonly string[];
}

export interface DefinitionsDocument {
  readonly format: 'seeknal.diff-definitions';
  readonly version: 1;
  /** The generation of production that the files are compared with; null without one. */
  readonly base: PlanDocument['base'];
  readonly nodes: readonly DefinitionsNode[];
  readonly diagnostics: readonly Diagnostic[];
}
