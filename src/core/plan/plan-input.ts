import type { NodeId } from '../definition/nodes/node.ts';
import type { NodeEntry, WantedEntry } from './changes/moves.ts';
import type { NodeVersion } from './changes/node-change.ts';
import type { SourceDecision } from './sources/source-decision.ts';
import type { ArtefactKnowledge } from './usable.ts';

/** What a plan is made from; nothing here changes while it is made. */
export interface PlanInput {
  /** The definitions wanted, in dependency order. */
  readonly desired: readonly NodeVersion[];
  /** What a generation would say of each wanted node beside its artefact. */
  readonly entries: ReadonlyMap<NodeId, Omit<WantedEntry, 'artefact'>>;
  /** What the base generation holds; empty without one. */
  readonly base: ReadonlyMap<NodeId, NodeVersion & { readonly artefact: string }>;
  /** Base nodes whose artefact was built from what the base holds. */
  readonly upToDate: ReadonlySet<NodeId>;
  /** What the environment points to now; a plan of production starts from what it points to. */
  readonly shown: ReadonlyMap<NodeId, NodeEntry>;
  readonly sources: ReadonlyMap<NodeId, SourceDecision>;
  /** Nodes that keep the base's artefact, whatever their inputs become. */
  readonly pinned?: ReadonlyMap<NodeId, PinnedNode>;
  /** Nodes that run, whatever exists. */
  readonly remake?: ReadonlySet<NodeId>;
  /** By node, what it is filled in with otherwise than in the base, such as `today` or `env:REGION`. */
  readonly filledInAnew?: ReadonlyMap<NodeId, readonly string[]>;
  /** Paths of the base's definitions that still exist, from the project root. */
  readonly files?: ReadonlySet<string>;
  readonly known: ArtefactKnowledge;
}

export interface PinnedNode {
  readonly artefact: string;
  /** The one that the base's generation records. */
  readonly fingerprint: string;
  readonly reason: string;
}
