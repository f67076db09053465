import type { PlanNode } from '../documents.ts';
import type { NodeId } from '../project/node.ts';

/** What apply will do with a node, and the artefact that it counts on. */
export interface Decision {
  readonly id: NodeId;
  readonly plan: PlanNode;
  readonly artefact: string | null;
}
