import { type Column, dependenciesOfAll, termsOf } from '../terms/column.ts';
import type { Scope } from '../operators/operator-output.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { typeOf } from '../plan-json/plan-types.ts';
import { plainText, type Walk } from '../walk.ts';

/** The column of an unsupported expression: it is hashed whole, and all columns count as read. */
export function opaqueExpression(walk: Walk, expression: PlanExpression, scope: Scope, what: string): Column {
  const dependencies = dependenciesOfAll(scope.columns);
  const term = walk.terms.make('opaque', walk.text, plainText(expression), termsOf(scope.columns), scope.unknown?.term);
  return {
    term: walk.terms.note(term, 'opaque', `opaque ${what}`),
    type: typeOf(expression),
    value: dependencies,
    condition: dependencies,
  };
}
