import type { NodeId } from '../core/definition/nodes/node.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';

/** What a plan is asked for. */
export interface PlanRequest {
  /** What a comparison starts from; null where there is no production yet. */
  readonly base: Generation | null;
  /** The definitions wanted, in the order of their ids. */
  readonly nodes: readonly DesiredNode[];
  /** Unchanged sources keep the base's artefact, so that only the change shows. */
  readonly pinSources: boolean;
  /** Nodes that run and make new artefacts, whatever exists. */
  readonly remake?: ReadonlySet<NodeId>;
  /** What the environment points to now; the base where it owns nothing. */
  readonly shown?: readonly GenerationNode[];
  /** Nodes that keep the base's artefact, whatever their inputs become, and why. */
  readonly pinned?: ReadonlyMap<NodeId, string>;
  /** Artefacts that hold the data of sources, where that is settled already. */
  readonly sourceArtefacts?: ReadonlyMap<NodeId, string>;
}
