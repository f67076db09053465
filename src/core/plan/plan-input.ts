import type { NodeId } from '../definition/nodes/node.ts';
import type { NodeEntry, WantedEntry } from './changes/moves.ts';
import type { NodeVersion } from './changes/node-change.ts';
import type { SourceDecision } from './sources/source-decision.ts';
import type { ArtefactKnowledge } from './usable.ts';

/** What a plan is made from; immutable. */
export interface PlanInput {
  /** Desired nodes in dependency order. */
  readonly desired: readonly NodeVersion[];
  /** Entry of each desired node, without its artefact. */
  readonly entries: ReadonlyMap<NodeId, Omit<WantedEntry, 'artefact'>>;
  /** Nodes of the base generation; empty without one. */
  readonly base: ReadonlyMap<NodeId, NodeVersion & { readonly artefact: string }>;
  /** Base nodes whose artefact was built from the base's artefacts of its inputs. */
  readonly upToDate: ReadonlySet<NodeId>;
  /** What the environment points to now; for production, what the base points to. */
  readonly shown: ReadonlyMap<NodeId, NodeEntry>;
  readonly sources: ReadonlyMap<NodeId, SourceDecision>;
  /** Nodes that keep the base's artefact even if their inputs change. */
  readonly pinned?: ReadonlyMap<NodeId, PinnedNode>;
  /** Nodes that run even if an artefact is usable. */
  readonly remake?: ReadonlySet<NodeId>;
  /** Names whose values differ from the base, such as `today` or `env:REGION`, by node. */
  readonly filledInAnew?: ReadonlyMap<NodeId, readonly string[]>;
  /** Paths of the base's node files that still exist, from the project root. */
  readonly files?: ReadonlySet<string>;
  readonly known: ArtefactKnowledge;
}

export interface PinnedNode {
  readonly artefact: string;
  /** The fingerprint that the base records. */
  readonly fingerprint: string;
  readonly reason: string;
}
