import type { NodeId } from '../core/definition/nodes/node.ts';
import type { Plan } from '../core/plan/plan.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { assertValid } from '../project/load-project.ts';

/** Mistakes in definitions, which stop an apply; an unreadable source only stops the nodes below it. */
export const definitionMistakes = ({ diagnostics, unreadable }: Plan): readonly Diagnostic[] =>
  diagnostics.filter(entry => !unreadable.has((entry.node ?? '') as NodeId));

/** Throws all mistakes, unless the only errors are unreadable sources. */
export function assertCanStart(plan: Plan): void {
  if (hasErrors(definitionMistakes(plan))) assertValid(plan.diagnostics);
}
