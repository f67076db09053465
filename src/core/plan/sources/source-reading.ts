import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { Column, SourceNode } from '../../definition/nodes/node.ts';
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
