import type { PlanSummary } from '../documents/plan-document.ts';
import type { DesiredNode } from '../definition/nodes/desired-node.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { GenerationNode } from '../state/generation.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';
import type { PlanAction } from './action.ts';
import type { NodeVersion } from './changes/node-change.ts';
import type { TargetAction } from './targets/target-action.ts';
import type { SourceReading } from './sources/source-reading.ts';

/** A node of a generation, analysed. */
export interface BaseNode extends NodeVersion {
  readonly artefact: string;
  readonly entry: GenerationNode;
  /** When the artefact was made. */
  readonly at: string;
}

/**
 * What an apply will do, and what that was decided from. Plain data that can be serialised and read back. Its
 * definitions are filled in, secrets included: store and show the plan document, never this.
 */
export interface Plan {
  /** One per node that could be analysed, in dependency order; removals last. */
  readonly actions: readonly PlanAction[];
  readonly summary: PlanSummary;
  /** External targets to write, in the order of their nodes; empty until they are planned. */
  readonly targets: readonly TargetAction[];
  readonly desired: ReadonlyMap<NodeId, DesiredNode>;
  /** In dependency order. */
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  /** Base nodes whose artefact was built from the base's artefacts of its inputs. */
  readonly upToDate: ReadonlySet<NodeId>;
  /** What the environment points to before the apply. */
  readonly shown: ReadonlyMap<NodeId, GenerationNode>;
  /** Nodes that keep the base's artefact even if their inputs change. */
  readonly pinned: ReadonlySet<NodeId>;
  /** Inspection results of the sources to read. */
  readonly readings: ReadonlyMap<NodeId, SourceReading>;
  /**
   * Sources to read, and queries whose columns depend on data. The analysis of these nodes and of the nodes below them is
   * provisional; they are analysed again when the rows or columns are known.
   */
  readonly knownAfterReading: ReadonlySet<NodeId>;
  /** Sources that cannot be read, and why; an apply reports them as failed. */
  readonly unreadable: ReadonlyMap<NodeId, FailureText>;
  /** Nodes below an unreadable source, with that source. They cannot be analysed. */
  readonly blocked: ReadonlyMap<NodeId, NodeId>;
  /** Including those of unreadable sources. */
  readonly diagnostics: readonly Diagnostic[];
}
