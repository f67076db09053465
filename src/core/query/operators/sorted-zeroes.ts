import { referencedColumn } from '../expressions/analyse-expression.ts';
import { type OperatorOutput, mapTerms } from './operator-output.ts';
import type { PlanExpression } from '../plan-json/plan-tree.ts';
import type { Term } from '../terms/term.ts';
import { hasSignedZero } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

/**
 * The output after a sort. DuckDB turns -0.0 into 0.0 in a key that is a plain column, also inside structs and lists,
 * and leaves copies of that column unchanged (decision 6).
 */
export function sortedBy(walk: Walk, output: OperatorOutput, keys: readonly PlanExpression[]): OperatorOutput {
  const indexes = new Set(keys.map(key => referencedColumn(key, output)));
  const sorted = output.columns.filter((column, index) => indexes.has(index) && hasSignedZero(column.type));
  if (sorted.length === 0) return output;
  const { terms } = walk;
  const known = new Set<Term>(sorted.map(column => column.term));
  const zeroed = (term: Term): Term => (known.has(term) ? terms.make('sorted zero', term) : term);
  const columns = output.columns.map((column, index) => {
    if (!known.has(column.term)) return column;
    const key = indexes.has(index) && hasSignedZero(column.type);
    return { ...column, term: key ? zeroed(column.term) : terms.make('beside sorted zero', column.term) };
  });
  const { support, count } = output;
  return {
    ...mapTerms(output, zeroed),
    columns,
    ...(support ? { support: sortedBy(walk, support, keys) } : {}),
    ...(count === undefined ? {} : { count }),
  };
}
