import type { Term } from '../terms/term.ts';
import { bind, type OperatorOutput, freshOutput } from './operator-output.ts';
import { part } from './row-set.ts';
import { type Column, dependenciesOfAll } from '../terms/column.ts';
import { NO_DEPENDENCIES, union } from '../terms/dependencies.ts';
import { opaqueOperator } from '../opaque.ts';
import { childAt, type ColumnIndex, type PlanOperator } from '../plan-json/plan-tree.ts';
import { ANY_TYPE, isPureTableFunction, inputTerms } from './input-terms.ts';
import { typeText } from '../plan-json/plan-types.ts';
import { plainText, type Walk } from '../walk.ts';

/** LOGICAL_GET: an input, a table that an earlier statement made, or a table function. */
export function scan(walk: Walk, node: PlanOperator): OperatorOutput {
  if (!(node.column_indexes ?? []).every(isWholeColumn))
    return opaqueOperator(walk, node, 'LOGICAL_GET.column_indexes');
  return node.name === 'seq_scan' ? tableScan(walk, node) : tableFunction(walk, node);
}

const isWholeColumn = (index: ColumnIndex): boolean =>
  index.child_indexes.length === 0 && index.index_type === 'FULL_READ' && index.has_index;

function tableScan(walk: Walk, node: PlanOperator): OperatorOutput {
  const inputs = inputTerms(walk, node);
  if (!inputs) return opaqueOperator(walk, node, 'table');
  const columns = (node.column_indexes ?? []).map(({ index }) => {
    const column = typeof index === 'number' ? node.names?.[index] : undefined;
    const type = (typeof index === 'number' ? node.returned_types?.[index] : undefined) ?? ANY_TYPE;
    return column === undefined ? inputs.rowId() : { ...inputs.column(column, Number(index)), type };
  });
  const bases = new Set([inputs.rows]);
  const { order, rowDependencies } = inputs;
  return bind(freshOutput({ columns, rows: inputs.rows, bases, order, rowDependencies }), node.table_index);
}

function tableFunction(walk: Walk, node: PlanOperator): OperatorOutput {
  const { name = '', projected_input: projected = [] } = node;
  if (!isPureTableFunction(name)) return opaqueOperator(walk, node, `table function ${name}`);
  const child = childAt(node, 0);
  const input = child ? walk.operator(child) : null;
  const rows = tableFunctionRows(walk, node, input);
  const read = input
    ? dependenciesOfAll(input.columns.filter((_, index) => !projected.includes(index)))
    : NO_DEPENDENCIES;
  const made = (node.column_indexes ?? []).map(({ index }): Column => {
    const type = (typeof index === 'number' ? node.returned_types?.[index] : undefined) ?? ANY_TYPE;
    const term = walk.terms.make('table function column', rows, index, typeText(type));
    return { term, type, value: read, condition: NO_DEPENDENCIES };
  });
  const output = freshOutput({
    columns: [...made, ...projected.flatMap(index => input?.columns[index] ?? [])],
    rows,
    bases: new Set([rows, ...(input?.bases ?? [])]),
    order: walk.terms.make('table function order', rows, input?.order),
    rowDependencies: union(input?.rowDependencies ?? NO_DEPENDENCIES, read),
    orderDependencies: input?.orderDependencies ?? NO_DEPENDENCIES,
  });
  return bind(output, node.table_index);
}

function tableFunctionRows(walk: Walk, node: PlanOperator, input: OperatorOutput | null): Term {
  const { name = '', function_data: data, parameters, named_parameters: named } = node;
  const given = input ? [input.rows.term, input.columns.map(column => column.term)] : null;
  const rows = walk.terms.make('table function', name, plainText([data, parameters, named]), given);
  return walk.terms.note(rows, 'function', `table function ${name}`);
}

/** The single row that `SELECT 1` selects from; its column has no meaning. */
export function dummyScan(walk: Walk, node: PlanOperator): OperatorOutput {
  const rows = walk.terms.make('one row');
  const column: Column = {
    term: walk.terms.make('nothing'),
    type: ANY_TYPE,
    value: NO_DEPENDENCIES,
    condition: NO_DEPENDENCIES,
  };
  return bind(
    freshOutput({ columns: [column], rows, order: rows, bases: new Set(), single: true, keys: [[]] }),
    node.table_index,
  );
}

/** LOGICAL_EMPTY_RESULT: no rows. */
export function emptyResult(walk: Walk, node: PlanOperator): OperatorOutput {
  const rows = walk.terms.make('no rows');
  const columns = (node.return_types ?? []).map(type => {
    return {
      term: walk.terms.make('nothing', typeText(type)),
      type,
      value: NO_DEPENDENCIES,
      condition: NO_DEPENDENCIES,
    };
  });
  return freshOutput({ columns, rows, order: rows, keys: [[]] });
}

/** LOGICAL_EXPRESSION_GET: VALUES. */
export function values(walk: Walk, node: PlanOperator): OperatorOutput {
  const child = childAt(node, 0);
  const input = child ? walk.operator(child) : null;
  const scope = input ?? { columns: [], bindings: [], rows: { term: walk.terms.make('one row') } };
  const table = (node.expressions ?? []).map(row => [row].flat().map(expression => walk.expression(expression, scope)));
  const cells = table.map(row => row.map(column => column.term));
  const rows = walk.terms.make('values', input?.rows.term, cells);
  const columns = (table[0] ?? []).map((first, index): Column => {
    const cellsBelow = table.flatMap(row => row[index] ?? []);
    return {
      term: walk.terms.make('value', rows, index),
      type: first.type,
      value: union(...cellsBelow.map(cell => cell.value)),
      condition: union(...cellsBelow.map(cell => cell.condition)),
    };
  });
  const output = freshOutput({ columns, rows, order: walk.terms.make('values order', rows, input?.order) });
  return bind(
    { ...output, rows: part(rows), rowDependencies: input?.rowDependencies ?? NO_DEPENDENCIES },
    node.table_index,
  );
}
