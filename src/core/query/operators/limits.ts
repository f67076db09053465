import { orderSeen } from '../expressions/row-order.ts';
import { type OperatorOutput, withoutHints } from './operator-output.ts';
import { part } from './row-set.ts';
import { dependenciesOf } from '../terms/column.ts';
import { callNumber } from '../expressions/function-call.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import type { PlanBound, PlanOperator } from '../plan-json/plan-tree.ts';
import { plainText, type Walk } from '../walk.ts';

/** LOGICAL_LIMIT: the row order decides which rows are kept. */
export function limit(walk: Walk, node: PlanOperator, input: OperatorOutput): OperatorOutput {
  const offset = skipsNothing(node.offset_val) ? undefined : node.offset_val;
  const bounds = [node.limit_val, offset].map(bound => boundOf(walk, bound, input));
  const parts = bounds.map(bound => bound.parts);
  const rows = walk.terms.make('limit', input.rows.term, orderSeen(walk, input.order, 'LIMIT'), parts);
  const kept = withoutHints(input);
  return {
    ...kept,
    single: false,
    rows: part(rows),
    order: walk.terms.make('limit order', rows, input.order),
    count: walk.terms.make('limit count', input.count ?? input.rows.term, parts),
    rowDependencies: union(input.rowDependencies, input.orderDependencies, ...bounds.map(bound => bound.dependencies)),
  };
}

const skipsNothing = (offset: PlanBound | undefined): boolean =>
  offset?.type === 'CONSTANT_VALUE' && offset.constant_integer === 0;

function boundOf(walk: Walk, bound: PlanBound | undefined, input: OperatorOutput) {
  if (!bound || bound.type === 'UNSET') return { parts: null, dependencies: NO_DEPENDENCIES };
  const column = bound.expression ? walk.expression(bound.expression, input) : null;
  const parts = [bound.type, bound.constant_integer, bound.constant_percentage, column?.term];
  return { parts, dependencies: column ? dependenciesOf(column) : NO_DEPENDENCIES };
}

/** LOGICAL_SAMPLE: different rows at each run. */
export function sample(walk: Walk, node: PlanOperator, input: OperatorOutput): OperatorOutput {
  const order = orderSeen(walk, input.order, 'SAMPLE');
  const rows = walk.terms.make(
    'sample',
    input.rows.term,
    order,
    plainText(node.sample_options),
    callNumber(walk, node),
  );
  walk.terms.note(rows, 'volatile', 'volatile SAMPLE');
  const kept = withoutHints(input);
  return { ...kept, single: false, rows: part(rows) };
}
