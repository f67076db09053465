import { bind, type OperatorOutput, filtered, tagged, withoutHints } from '../operator-output.ts';
import type { Column } from '../../terms/column.ts';
import { conditionsOf, isPair, type JoinConditions } from './join-conditions.ts';
import { joinOrder, withLookedUp } from './join-outputs.ts';
import { type Dependencies, union } from '../../terms/dependencies.ts';
import type { PlanOperator } from '../../plan-json/plan-tree.ts';
import { asSet } from '../../terms/term.ts';
import { BOOLEAN } from '../../plan-json/plan-types.ts';
import type { Walk } from '../../walk.ts';

/** A scalar subquery; the query fails if the subquery returns more than one row. */
export function singleJoin(
  walk: Walk,
  node: PlanOperator,
  left: OperatorOutput,
  right: OperatorOutput,
): OperatorOutput {
  const inner = tagged(walk.terms, right, 'inner');
  const conditions = conditionsOf(walk, node, left, inner);
  const key = walk.terms.make('scalar', inner.rows.term, asSet(conditions.terms));
  return withLookedUp(walk, left, inner, { key, dependencies: conditions.dependencies });
}

/** The searched side of a join without its duplicates; a volatile condition sees them, so it gets the full side. */
function askedSide(
  walk: Walk,
  node: PlanOperator,
  left: OperatorOutput,
  right: OperatorOutput,
): { readonly inner: OperatorOutput; readonly conditions: JoinConditions } {
  const ask = (side: OperatorOutput) => {
    const inner = tagged(walk.terms, side, 'inner');
    return { inner, conditions: conditionsOf(walk, node, left, inner) };
  };
  const asked = ask(right.support ?? right);
  return asked.conditions.terms.some(term => walk.terms.isVolatile(term)) ? ask(right) : asked;
}

/** IN, ANY, EXISTS: one truth value for each row of the left side. Duplicates on the right cannot be seen. */
export function markJoin(walk: Walk, node: PlanOperator, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  const { inner, conditions } = askedSide(walk, node, left, right);
  const term = walk.terms.make('mark', inner.rows.term, asSet(conditions.terms));
  const value = valueDependencies(walk, node, left, inner);
  const deciding = new Set([...conditions.dependencies].filter(name => !value.has(name)));
  const mark: Column = { term, type: BOOLEAN, value, condition: union(deciding, inner.rowDependencies) };
  const kept = withoutHints(left);
  const output = { ...kept, columns: [...left.columns, mark], order: joinOrder(walk, left.rows.term, left, right) };
  return bind(output, node.mark_index, left.columns.length);
}

function valueDependencies(walk: Walk, node: PlanOperator, left: OperatorOutput, right: OperatorOutput): Dependencies {
  // The first pairs match outer columns with themselves.
  const pairs = (node.conditions ?? []).slice(node.duplicate_eliminated_columns?.length ?? 0).filter(isPair);
  const columns = pairs.flatMap(pair => [walk.expression(pair.left, left), walk.expression(pair.right, right)]);
  return union(...columns.map(column => column.value));
}

/** SEMI and ANTI joins: the rows of the left side with, or without, a match. */
export function semiJoin(walk: Walk, node: PlanOperator, left: OperatorOutput, right: OperatorOutput): OperatorOutput {
  const { inner, conditions } = askedSide(walk, node, left, right);
  // EXISTS asks the same question as IN, and only its truth value counts here.
  const exists = walk.terms.make(node.join_type === 'SEMI' ? 'mark' : 'ANTI', inner.rows.term, asSet(conditions.terms));
  const dependencies = union(conditions.dependencies, inner.rowDependencies);
  const output = filtered(walk.terms, left, { terms: [exists], dependencies, strict: [] });
  return { ...output, order: joinOrder(walk, output.rows.term, left, right) };
}
