import { aggregate } from './aggregate.ts';
import { conditionOf } from '../expressions/analyse-condition.ts';
import { conjuncts, combined } from '../expressions/condition.ts';
import { termsOf, dependenciesOf, dependenciesOfAll } from '../terms/column.ts';
import { bind, filtered, type OperatorOutput, freshOutput } from './operator-output.ts';
import { union } from '../terms/dependencies.ts';
import { opaqueOperator } from '../opaque.ts';
import { childAt, type PlanExpression, type PlanOperator } from '../plan-json/plan-tree.ts';
import { isScalarSubquery } from '../plan-json/scalar-subquery.ts';
import { asSet } from '../terms/term.ts';
import { typeOf } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';

/** The output of a child operator; opaque if it is missing. */
export function inputOf(walk: Walk, node: PlanOperator, index = 0): OperatorOutput {
  const child = childAt(node, index);
  return child ? walk.operator(child) : opaqueOperator(walk, node, `${node.type} without input`);
}

const expressionsOf = (node: PlanOperator): readonly PlanExpression[] => (node.expressions ?? []).flat();

/** LOGICAL_PROJECTION. */
export function projection(walk: Walk, node: PlanOperator): OperatorOutput {
  const child = childAt(node, 0);
  const input = child && isScalarSubquery(node, child) ? aggregate(walk, child, true) : inputOf(walk, node);
  const project = (output: OperatorOutput): OperatorOutput => {
    const { unknown: _unknown, support: _support, ...kept } = output;
    return bind(
      { ...kept, columns: expressionsOf(node).map(each => walk.expression(each, output)), bindings: [] },
      node.table_index,
    );
  };
  const projected = project(input);
  if (!input.support || isVolatileOutput(walk, projected)) return projected;
  return { ...projected, support: project(input.support) };
}

/** A volatile call depends on the number of rows, duplicates included. */
const isVolatileOutput = (walk: Walk, { columns }: OperatorOutput): boolean =>
  columns.some(column => walk.terms.isVolatile(column.term));

/** LOGICAL_FILTER. */
export function filter(walk: Walk, node: PlanOperator, input: OperatorOutput): OperatorOutput {
  const conditions = expressionsOf(node).map(each => conditionOf(walk, each, input));
  const condition = combined(walk, 'and', conditions);
  const { strict } = condition;
  const output = filtered(walk.terms, input, {
    terms: conjuncts(walk, condition),
    dependencies: dependenciesOf(condition),
    strict,
  });
  // A column that equals a literal does not distinguish rows.
  const fixed = new Set(condition.fixed);
  const kept = node.projection_map ?? [];
  const columns = kept.length === 0 ? output.columns : output.columns.slice(0, kept.length);
  return { ...output, columns, keys: output.keys.map(key => key.filter(term => !fixed.has(term))) };
}

/** Whether a filter drops only trailing columns, which no other operator reads. */
export const dropsOnlyLast = ({ projection_map: kept = [] }: PlanOperator): boolean =>
  kept.every((column, index) => Number(column) === index);

/** LOGICAL_UNNEST: new rows for the elements of lists. */
export function unnest(walk: Walk, node: PlanOperator, input: OperatorOutput): OperatorOutput {
  const lists = expressionsOf(node).map(each => {
    const list = each.expression_class === 'BOUND_UNNEST' && each.child ? each.child : each;
    return { ...walk.expression(list, input), type: typeOf(each) };
  });
  const rows = walk.terms.make('unnest', input.rows.term, asSet(termsOf(lists)));
  const columns = lists.map(list => ({ ...list, term: walk.terms.make('unnested', rows, list.term) }));
  const output = freshOutput({
    columns: [...input.columns, ...columns],
    bindings: input.bindings,
    rows,
    bases: new Set([...input.bases, rows]),
    order: walk.terms.make('unnest order', rows, input.order),
    rowDependencies: union(input.rowDependencies, dependenciesOfAll(lists)),
    orderDependencies: input.orderDependencies,
    ...(input.unknown ? { unknown: input.unknown } : {}),
  });
  return bind(output, node.unnest_index, input.columns.length);
}
