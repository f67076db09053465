import { orderSeen } from '../expressions/aggregates.ts';
import { type Frame, namesOf, part, withoutHints } from './frame.ts';
import { callNumber } from '../expressions/expression.ts';
import { NO_NAMES, union } from '../plan-json/names.ts';
import type { PlanBound, PlanOperator } from '../plan-json/plan-tree.ts';
import { plainText, type Walk } from '../walk.ts';

/** LOGICAL_LIMIT: which rows are kept depends on their order. */
export function limit(walk: Walk, node: PlanOperator, input: Frame): Frame {
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
    rowNames: union(input.rowNames, input.orderNames, ...bounds.map(bound => bound.names)),
  };
}

const skipsNothing = (offset: PlanBound | undefined): boolean =>
  offset?.type === 'CONSTANT_VALUE' && offset.constant_integer === 0;

function boundOf(walk: Walk, bound: PlanBound | undefined, input: Frame) {
  if (!bound || bound.type === 'UNSET') return { parts: null, names: NO_NAMES };
  const column = bound.expression ? walk.expression(bound.expression, input) : null;
  const parts = [bound.type, bound.constant_integer, bound.constant_percentage, column?.term];
  return { parts, names: column ? namesOf(column) : NO_NAMES };
}

/** LOGICAL_SAMPLE: other rows each time. */
export function sample(walk: Walk, node: PlanOperator, input: Frame): Frame {
  const order = orderSeen(walk, input.order, 'SAMPLE');
  const rows = walk.terms.make(
    'sample',
    input.rows.term,
    order,
    plainText(node.sample_options),
    callNumber(walk, node),
  );
  walk.terms.remark(rows, 'volatile', 'volatile SAMPLE');
  const kept = withoutHints(input);
  return { ...kept, single: false, rows: part(rows) };
}
