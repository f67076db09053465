import type { PlanSummary } from '../documents/plan-document.ts';
import type { DesiredNode } from '../definition/nodes/desired-node.ts';
import type { NodeId } from '../definition/nodes/node.ts';
import type { GenerationNode } from '../state/generation.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';
import type { PlanAction } from './action.ts';
import type { NodeVersion } from './changes/node-change.ts';
import type { SourceReading } from './sources/source-reading.ts';

/** A node of a generation, analysed. */
export interface BaseNode extends NodeVersion {
  readonly artefact: string;
  readonly entry: GenerationNode;
  /** When the artefact was made. */
  readonly at: string;
}

/**
 * What an apply will do, and what it was decided from: plain data, without closures or sessions. Its definitions are
 * filled in, secrets included: what is stored and shown of a plan is its document, never this.
 */
export interface Plan {
  /** One for each node that could be decided on, in dependency order; removals come last. */
  readonly actions: readonly PlanAction[];
  readonly summary: PlanSummary;
  readonly desired: ReadonlyMap<NodeId, DesiredNode>;
  /** In dependency order. */
  readonly versions: ReadonlyMap<NodeId, NodeVersion>;
  readonly base: ReadonlyMap<NodeId, BaseNode>;
  /** Base nodes whose artefact was built from what the base holds of its inputs. */
  readonly upToDate: ReadonlySet<NodeId>;
  /** What the environment points to before the plan is carried out. */
  readonly shown: ReadonlyMap<NodeId, GenerationNode>;
  /** Nodes that keep the base's artefact whatever their inputs become. */
  readonly pinned: ReadonlySet<NodeId>;
  /** What was found out about the sources that are to be read. */
  readonly readings: ReadonlyMap<NodeId, SourceReading>;
  /**
   * Sources whose rows, and queries whose columns, are known only once they have been read or run. The analysis of
   * these nodes, and of all that reads them, is provisional; the rule that decided on them decides again then.
   */
  readonly knownAfterReading: ReadonlySet<NodeId>;
  /** Sources that cannot be read, and why: an apply fails them at their turn. */
  readonly unreadable: ReadonlyMap<NodeId, FailureText>;
  /** What reads an unreadable source, directly or not, with that source. Nothing is known of these nodes. */
  readonly blocked: ReadonlyMap<NodeId, NodeId>;
  /** Those of unreadable sources included. */
  readonly diagnostics: readonly Diagnostic[];
}
