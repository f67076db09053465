import type { Plan } from '../../core/plan/plan.ts';
import type { SavedPlan } from '../plan-record.ts';
import { stepPhrase } from './step-phrase.ts';

/** Tables that writing would drop now though the saved plan did not say so, or with more than it said, as phrases. */
export function unannounced(
  { nodes }: Pick<SavedPlan, 'nodes'>,
  { targets = [] }: Pick<Plan, 'targets'>,
): readonly string[] {
  const said = nodes.flatMap(node => node.targets.map(target => ({ node: node.id, ...target })));
  return targets.flatMap(action => {
    if (action.kind !== 'write-target') return [];
    const { node, table, steps } = action;
    const announced = said.find(target => target.node === node && target.physical === table.name)?.steps ?? [];
    const drops = steps.filter(({ kind }) => kind === 'drop-table').flatMap(stepPhrase);
    return drops.filter(phrase => !announced.includes(phrase)).map(phrase => `writing ${table.name} now ${phrase}`);
  });
}
