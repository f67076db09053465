import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Change, Category, PlanAction, PlanDocument } from './plan-document.ts';

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
