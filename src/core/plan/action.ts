import type { PlanNode } from '../documents/plan-document.ts';
import type { SourceReading } from './sources/source-reading.ts';
import type { NodeId } from '../definition/nodes/node.ts';

/** What an apply does with one node. Explaining, dry-running and applying a plan walk the same list. */
export type PlanAction = ReadSource | Execute | VerifyThenReuse | Reuse | Remove;

interface ActionFields {
  readonly id: NodeId;
  /** The node as plans show it. */
  readonly line: PlanNode;
}

/** Reads a source as it was inspected; inspects it again if it has changed since. */
export interface ReadSource extends ActionFields {
  readonly kind: 'read-source';
  readonly reading: SourceReading;
  /** The artefact that the base holds for the source; null if it has none. */
  readonly before: string | null;
  /** Writes a new artefact even if another holds the same rows. */
  readonly full: boolean;
  /** Only reading tells whether its data changed; until then it counts as unchanged. */
  readonly unseen: boolean;
}

/** Runs a query, unless an artefact turns out to be usable once its inputs are known. */
export interface Execute extends ActionFields {
  readonly kind: 'execute';
  /** Runs even if an artefact is usable. */
  readonly full: boolean;
}

/** Reuses an artefact if what its query reads of new inputs equals what it was built from; otherwise runs the query. */
export interface VerifyThenReuse extends ActionFields {
  readonly kind: 'verify-then-reuse';
  readonly artefact: string;
}

/** Points to an artefact that is known to be usable; reads nothing. */
export interface Reuse extends ActionFields {
  readonly kind: 'reuse';
  readonly artefact: string;
  /** The fingerprint that the generation records. */
  readonly fingerprint: string;
  /** The node keeps the base's artefact even if its inputs change; the artefact need not have this fingerprint. */
  readonly pinned: boolean;
}

/** Leaves a node out of the next generation. */
export interface Remove extends ActionFields {
  readonly kind: 'remove';
}

/** The artefact that an action points to; null if it is not made yet, or if the node is removed. */
export const artefactOf = (action: PlanAction): string | null => ('artefact' in action ? action.artefact : null);
