import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { Column, SourceNode } from '../../definition/nodes/node.ts';
import type { InspectedSource } from './source-inspection.ts';

/** A source to read, with its state when the plan was made. */
export interface SourceReading {
  readonly node: SourceNode;
  readonly inspection: InspectedSource;
  /** Why the source is refused; null if it is read. */
  readonly refusal: FailureText | null;
  /** The columns that consumers are bound against. */
  readonly columns: readonly Column[];
}
