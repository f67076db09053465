import { layersOf } from '../core/graph/graph.ts';
import type { MadePlan } from '../planning/make-plan.ts';
import type { World } from '../core/world.ts';

/** Nodes that wait for nothing but each other's turn: more than these are worth a word. */
const FEW = 3;

/** Tells of `--parallel` where it would shorten the wait. */
export function hintParallel(world: World, made: MadePlan, { parallel }: { readonly parallel?: boolean }): void {
  if (parallel === true) return;
  const running = new Set(made.decisions.filter(({ plan }) => plan.action === 'run').map(({ id }) => id));
  const nodes = [...running].map(id => {
    const inputs = made.desired.get(id)?.resolved.node.inputs ?? [];
    return { id, inputs: inputs.map(input => input.id).filter(input => running.has(input)) };
  });
  const widest = Math.max(0, ...layersOf(nodes).map(layer => layer.length));
  if (widest > FEW)
    world.emit({
      kind: 'notice',
      text: `${widest} nodes are independent: --parallel runs them side by side`,
    });
}
