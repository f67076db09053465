import type { SourceContent } from '../../analysis/content-analysis.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import type { SourceDecision } from '../../core/plan/sources/source-decision.ts';
import type { SourceReading } from '../../core/plan/sources/source-reading.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';

/** What is known about the sources before anything is read. */
export interface Survey {
  readonly decisions: Map<NodeId, SourceDecision>;
  readonly contents: Map<NodeId, SourceContent>;
  readonly readings: Map<NodeId, SourceReading>;
  readonly unreadable: Map<NodeId, FailureText>;
  readonly diagnostics: Diagnostic[];
}
