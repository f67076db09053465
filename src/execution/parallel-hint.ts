import { layersOf } from '../core/graph/graph.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { World } from '../core/world.ts';

/** Up to this many independent nodes, `--parallel` is not worth a notice. */
const FEW = 3;

/** Suggests `--parallel` if many nodes are independent. */
export function hintParallel(
  world: Pick<World, 'emit'>,
  plan: Plan,
  { parallel }: { readonly parallel?: boolean },
): void {
  if (parallel === true) return;
  const running = new Set(plan.actions.filter(({ line }) => line.action === 'run').map(({ id }) => id));
  const nodes = [...running].map(id => {
    const inputs = plan.desired.get(id)?.resolved.node.inputs ?? [];
    return { id, inputs: inputs.map(input => input.id).filter(input => running.has(input)) };
  });
  const widest = Math.max(0, ...layersOf(nodes).map(layer => layer.length));
  if (widest > FEW)
    world.emit({
      kind: 'notice',
      text: `${widest} nodes are independent: --parallel runs them side by side`,
    });
}
