import type { NodeId } from '../core/definition/nodes/node.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Generation, GenerationNode } from '../core/state/generation.ts';

/** What to plan. */
export interface PlanRequest {
  /** The generation to compare with; null before there is a production. */
  readonly base: Generation | null;
  /** Desired nodes, sorted by id. */
  readonly nodes: readonly DesiredNode[];
  /** Unchanged sources keep the base's artefact, so that new data does not mix with the edits. */
  readonly pinSources: boolean;
  /** Nodes that run and write new artefacts even if an artefact is usable. */
  readonly remake?: ReadonlySet<NodeId>;
  /** What the environment points to now (default: the base). */
  readonly shown?: readonly GenerationNode[];
  /** Nodes that keep the base's artefact even if their inputs change, with the reason. */
  readonly pinned?: ReadonlyMap<NodeId, string>;
  /** Artefacts of sources whose data is already decided. */
  readonly sourceArtefacts?: ReadonlyMap<NodeId, string>;
}
