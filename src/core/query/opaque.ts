import { type OperatorOutput, freshOutput } from './operators/operator-output.ts';
import { dependenciesOfAll } from './terms/column.ts';
import { type Dependencies, NO_DEPENDENCIES, union } from './terms/dependencies.ts';
import type { PlanOperator } from './plan-json/plan-tree.ts';
import { refusalOf, inputTerms } from './operators/input-terms.ts';
import type { Part } from './terms/term.ts';
import { plainText, type Walk } from './walk.ts';

/** The output of an unsupported operator: it is hashed whole, with its inputs and the text of the query. */
export function opaqueOperator(walk: Walk, node: PlanOperator, what: string): OperatorOutput {
  const refusal = node.type === 'LOGICAL_GET' ? refusalOf(walk, node) : null;
  if (refusal) walk.refused.push(refusal);
  const { children = [], ...own } = node;
  const inputs = children.map(child => walk.operator(child));
  const table = wholeTable(walk, node);
  const rows = walk.terms.make('opaque', walk.text, plainText(own), inputs.map(wholeOutput), table.parts);
  walk.terms.note(rows, 'opaque', `opaque ${what}`);
  walk.terms.note(rows, 'order', `reads row order (${what})`);
  const dependencies = union(table.dependencies, ...inputs.map(allDependencies));
  const type = { id: 'UNKNOWN', type_info: null };
  const term = walk.terms.make('opaque column', rows);
  return freshOutput({
    columns: [],
    rows,
    order: rows,
    unknown: { term, type, value: dependencies, condition: dependencies },
    rowDependencies: dependencies,
    orderDependencies: dependencies,
  });
}

const wholeOutput = ({ rows, columns, order, unknown }: OperatorOutput): readonly Part[] => [
  rows.term,
  columns.map(column => column.term),
  order,
  unknown?.term,
];

const allDependencies = ({ rowDependencies, orderDependencies, columns }: OperatorOutput): Dependencies =>
  union(rowDependencies, orderDependencies, dependenciesOfAll(columns));

/** Everything that a scan could read from its table. */
function wholeTable(
  walk: Walk,
  node: PlanOperator,
): { readonly parts: readonly Part[]; readonly dependencies: Dependencies } {
  const table = inputTerms(walk, node);
  if (!table) return { parts: [], dependencies: NO_DEPENDENCIES };
  const columns = table.columnNames.map((name, index) => table.column(name, index));
  const dependencies = union(table.rowDependencies, ...columns.flatMap(column => [column.value, column.condition]));
  return { parts: [table.rows, table.order, columns.map(column => column.term)], dependencies };
}
