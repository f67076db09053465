import { bind, type OperatorOutput, withoutHints } from './operator-output.ts';
import { part } from './row-set.ts';
import { termsOf } from '../terms/column.ts';
import { orderKeys } from '../expressions/row-order.ts';
import { NO_DEPENDENCIES } from '../terms/dependencies.ts';
import { childAt, type PlanExpression, type PlanOperator } from '../plan-json/plan-tree.ts';
import { sortedBy } from './sorted-zeroes.ts';
import type { Part } from '../terms/term.ts';
import { typeOf } from '../plan-json/plan-types.ts';
import type { Walk } from '../walk.ts';
import { type WindowCall, windowCall } from '../expressions/window-call.ts';

/** LOGICAL_WINDOW keeps every row and adds columns that depend on all rows. */
export function window(walk: Walk, node: PlanOperator, given: OperatorOutput, rowIdentity = false): OperatorOutput {
  const calls = (node.expressions ?? []).flat();
  const input = sortedBy(walk, given, calls.flatMap(sortKeysOf));
  const sequence = walk.terms.make(
    'window sequence',
    input.order,
    calls.map(call => sortsOf(walk, call, input)),
  );
  const added = calls.map(call =>
    rowIdentity ? identityOfRows(walk, call, input) : windowCall(walk, call, { ...input, order: sequence }),
  );
  const kept = withoutHints(input);
  const repeated = added.filter((_, index) => repeatsRows(calls[index])).map(call => call.column.term);
  const output: OperatorOutput = {
    ...kept,
    ...(repeated.length > 0 ? { rows: part(walk.terms.make('streamed', input.rows.term, repeated)) } : {}),
    columns: [...input.columns, ...added.map(call => call.column)],
    keys: repeated.length > 0 ? [] : [...input.keys, ...added.flatMap(call => (call.key ? [call.key] : []))],
    order: walk.terms.make(
      'window order',
      input.rows.term,
      input.order,
      added.map(call => call.column.term),
    ),
  };
  return bind(output, node.window_index, input.columns.length);
}

/** DuckDB 1.5.5 repeats rows of a join if `lead` or `lag` is used without partitions and order. */
const repeatsRows = (call: PlanExpression | undefined): boolean =>
  /^WINDOW_(?:LEAD|LAG)$/.test(call?.type ?? '') && !call?.partitions?.length && !call?.orders?.length;

/** How a window sorts its rows; the other windows see tied rows in the resulting order. */
function sortsOf(walk: Walk, call: PlanExpression, input: OperatorOutput): Part {
  const partitions = (call.partitions ?? []).map(partition => walk.expression(partition, input));
  return [termsOf(partitions), orderKeys(walk, call.orders ?? [], input).parts];
}

const sortKeysOf = (call: PlanExpression): readonly PlanExpression[] => [
  ...(call.partitions ?? []),
  ...(call.orders ?? []).map(order => order.expression),
];

/** The output that a window operator reads; null if it has no input. */
export const windowInput = (walk: Walk, node: PlanOperator): OperatorOutput | null => {
  const child = childAt(node, 0);
  return child ? walk.operator(child) : null;
};

/** The row number by which DuckDB matches rows after a lateral UNNEST; it is only compared for equality. */
function identityOfRows(walk: Walk, call: PlanExpression, input: OperatorOutput): WindowCall {
  const term = walk.terms.make('row identity', input.rows.term);
  return { column: { term, type: typeOf(call), value: NO_DEPENDENCIES, condition: NO_DEPENDENCIES }, key: [term] };
}
