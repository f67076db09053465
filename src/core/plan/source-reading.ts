import type { FailureText } from '../../diagnostics/failure-text.ts';
import type { Column, NodeId, SourceNode } from '../definition/nodes/node.ts';
import type { InspectedSource } from './source-inspection.ts';

/** A source that no artefact holds, and what it was when the plan was made. */
export interface SourceReading {
  readonly node: SourceNode;
  readonly inspection: InspectedSource;
  /** Why it is not read after all; null if it is. */
  readonly refusal: FailureText | null;
  /** The columns that consumers are bound against. */
  readonly columns: readonly Column[];
}

/** An artefact in the store holds the data of the source. */
export interface KeepSource {
  readonly kind: 'keep-source';
  readonly id: NodeId;
  readonly artefact: string;
  readonly reason: string;
}

/** The source is read as it was inspected, or anew if it has changed since. */
export interface ReadSource {
  readonly kind: 'read-source';
  readonly id: NodeId;
  readonly node: SourceNode;
  readonly inspection: InspectedSource;
  /** The artefact that the base holds for the source; null if it has none. */
  readonly before: string | null;
  /** Makes a new artefact even if one holds the same rows. */
  readonly anew: boolean;
  readonly reason: string;
}

/** The source cannot be read, which planning found: it fails at its turn. */
export interface FailSource {
  readonly kind: 'fail-source';
  readonly id: NodeId;
  readonly node: Pick<SourceNode, 'id' | 'secrets'>;
  readonly failure: FailureText;
}

/** What execution does with one source. */
export type SourceAction = KeepSource | ReadSource | FailSource;
