import type { PlanNode } from '../documents/plan-document.ts';
import type { NodeId } from '../definition/nodes/node.ts';

/** What apply will do with a node, and the artefact that it counts on. */
export interface Decision {
  readonly id: NodeId;
  readonly plan: PlanNode;
  readonly artefact: string | null;
}
