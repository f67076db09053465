import type { NodeId } from '../../core/definition/nodes/node.ts';
import { nodeMistake } from '../../core/definition/nodes/node-mistake.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { LocatedTable } from '../../core/plan/targets/wanted-target.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { FailureText } from '../../diagnostics/failure-text.ts';

/** A target of a node; `table` is missing if it cannot be located. */
export interface MistakenTarget {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  readonly table?: LocatedTable;
}

type Said = Pick<FailureText, 'code' | 'message'> & { readonly hint?: string | null };

/** The diagnostic for a target that cannot be written. */
export const refusedTarget = (plan: Pick<Plan, 'desired'>, target: MistakenTarget, said: Said): Diagnostic =>
  targetMistake(plan, target, { ...said, message: `${targetLabel(target)}: ${said.message}` });

/** The warning for a target whose server did not answer. */
export const uncheckedTarget = (plan: Pick<Plan, 'desired'>, target: MistakenTarget, said: Said): Diagnostic => ({
  ...targetMistake(plan, target, {
    code: 'target-unchecked',
    message: `${targetLabel(target)} could not be checked: ${said.message}`,
    hint: said.hint ?? null,
  }),
  severity: 'warning',
});

/** As messages name a target: `transform.m → postgresql dev_analytics.orders`. */
export const targetLabel = ({ node, target, table }: MistakenTarget): string =>
  `${node} → ${target.type} ${table?.name ?? target.table}`;

function targetMistake(
  { desired }: Pick<Plan, 'desired'>,
  { node: id, target }: MistakenTarget,
  said: Said,
): Diagnostic {
  const node = desired.get(id)?.resolved.node;
  if (!node) throw new Error(`${id} is not in the plan`);
  const { code, message, hint = null } = said;
  return nodeMistake(node, target.at && { at: target.at, length: 1 }, { code, message, hint });
}
