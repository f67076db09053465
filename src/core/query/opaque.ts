import { type Frame, freshFrame, namesOfAll } from './operators/frame.ts';
import { type Names, NO_NAMES, union } from './plan-json/names.ts';
import type { PlanOperator } from './plan-json/plan-tree.ts';
import { refusalOf, tableLeaves } from './plan-json/tables.ts';
import type { Part } from './terms/terms.ts';
import { plainText, type Walk } from './walk.ts';

/** Stands for an operator that is not known: hashes whole, with everything under it and the text of the query. */
export function opaqueOperator(walk: Walk, node: PlanOperator, what: string): Frame {
  const refusal = node.type === 'LOGICAL_GET' ? refusalOf(walk, node) : null;
  if (refusal) walk.refused.push(refusal);
  const { children = [], ...own } = node;
  const inputs = children.map(child => walk.operator(child));
  const under = inputs.map(input => [
    input.rows.term,
    input.columns.map(column => column.term),
    input.order,
    input.unknown?.term,
  ]);
  const table = wholeTable(walk, node);
  const rows = walk.terms.make('opaque', walk.text, plainText(own), under, table.parts);
  walk.terms.remark(rows, 'opaque', `opaque ${what}`);
  walk.terms.remark(rows, 'order', `reads row order (${what})`);
  const names = union(
    table.names,
    ...inputs.map(input => union(input.rowNames, input.orderNames, namesOfAll(input.columns))),
  );
  const type = { id: 'UNKNOWN', type_info: null };
  const unknown = { term: walk.terms.make('opaque column', rows), type, value: names, condition: names };
  return freshFrame({ columns: [], rows, order: rows, unknown, rowNames: names, orderNames: names });
}

/** All that a scan could read of its table. */
function wholeTable(walk: Walk, node: PlanOperator): { readonly parts: readonly Part[]; readonly names: Names } {
  const table = tableLeaves(walk, node);
  if (!table) return { parts: [], names: NO_NAMES };
  const columns = table.columnNames.map((name, index) => table.column(name, index));
  const names = union(table.rowNames, ...columns.flatMap(column => [column.value, column.condition]));
  return { parts: [table.rows, table.order, columns.map(column => column.term)], names };
}
