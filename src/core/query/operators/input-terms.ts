import type { Column } from '../terms/column.ts';
import { type Dependencies, NO_DEPENDENCIES } from '../terms/dependencies.ts';
import type { PlanOperator, PlanType } from '../plan-json/plan-tree.ts';
import type { QueryAnalysis, Refusal } from '../query-analysis.ts';
import type { Relation } from '../terms/relation.ts';
import type { TermGraph, TermInput } from '../terms/term-graph.ts';
import type { Term } from '../terms/term.ts';
import type { Walk } from '../walk.ts';

/** The type of a column if the plan does not contain it. */
export const ANY_TYPE: PlanType = { id: 'INVALID', type_info: null };

interface TableName {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
}

function tableName(data: unknown): TableName | null {
  if (typeof data !== 'object' || data === null || !('table' in data) || !('schema' in data)) return null;
  const catalog = 'catalog' in data ? String(data.catalog) : '';
  return { catalog, schema: catalog === 'temp' ? 'temp' : String(data.schema), table: String(data.table) };
}

/** A table that the query may read: terms for its rows, its order and its columns. */
export interface InputTerms {
  readonly rows: Term;
  readonly order: Term;
  readonly rowDependencies: Dependencies;
  readonly columnNames: readonly string[];
  /** By name and position: after an earlier statement renamed columns, only the position is reliable. */
  column(name: string, index: number): Omit<Column, 'type'>;
  rowId(): Column;
}

/** The table that an operator reads; null if it reads none, or one that the node may not read. */
export function inputTerms(walk: Walk, { function_data: data }: PlanOperator): InputTerms | null {
  const name = tableName(data);
  const input = name && walk.inputs(name.schema, name.table);
  if (!name || !input) return null;
  return 'relation' in input
    ? preparedTable(walk, name, input)
    : inputTable(walk, `${name.schema}.${name.table}`, input);
}

/** Table functions whose rows are a function of their arguments alone. All others read files, the catalogue or the session. */
const PURE_TABLE_FUNCTIONS = ['range', 'generate_series', 'unnest', 'repeat', 'repeat_row', 'json_each', 'json_tree'];

/** Whether the rows of a table function depend only on its arguments. */
export const isPureTableFunction = (name: string): boolean => PURE_TABLE_FUNCTIONS.includes(name);

/** The table or function that a scan reads without permission; null if the node may read it. */
export function refusalOf(walk: Walk, node: PlanOperator): Refusal | null {
  const { name: scan = '', function_data: data } = node;
  if (scan !== 'seq_scan') return isPureTableFunction(scan) ? null : { what: 'table function', name: scan };
  const name = tableName(data);
  if (name && walk.inputs(name.schema, name.table)) return null;
  return { what: 'table', name: name ? `${name.schema}.${name.table}` : 'unnamed' };
}

function inputTable(walk: Walk, input: string, relation: Relation): InputTerms {
  const { terms } = walk;
  const rows = terms.input({ kind: 'rows', input }, 'input', relation.rows);
  const order = terms.input({ kind: 'order', input }, 'input order', rows, relation.order);
  const hashes = new Map(relation.columns.map(column => [column.name, column.hash]));
  return {
    rows,
    order,
    rowDependencies: NO_DEPENDENCIES,
    columnNames: relation.columns.map(column => column.name),
    column: name => ({
      term: terms.input(
        { kind: 'column', input, column: name },
        'input column',
        rows,
        hashes.get(name) ?? ['missing', name, [...hashes.values()]],
      ),
      value: new Set([`${input}.${name}`]),
      condition: NO_DEPENDENCIES,
    }),
    rowId: () => rowId(walk, rows, order),
  };
}

function rowId(walk: Walk, rows: Term, order: Term): Column {
  const term = walk.terms.note(walk.terms.make('row id', rows, order), 'order', 'reads row order (rowid)');
  return { term, type: { id: 'BIGINT', type_info: null }, value: NO_DEPENDENCIES, condition: NO_DEPENDENCIES };
}

/** A table that an earlier statement of the same node created: its inputs are inputs of the query. */
function preparedTable(walk: Walk, name: TableName, analysis: QueryAnalysis): InputTerms {
  const { rows, order } = preparedTerms(walk.terms, name, analysis);
  walk.refused.push(...analysis.refused);
  return {
    rows,
    order,
    rowDependencies: new Set(analysis.lineage.rows),
    columnNames: analysis.relation.columns.map(column => column.name),
    column: (column, index) => {
      const { value, condition } = analysis.lineage.columns[index] ?? { value: [], condition: [] };
      const made = `${name.table}.${column}`;
      const term = preparedColumn(walk.terms, analysis, { rows, column, index, volatile: `volatile ${made}` });
      return { term, value: new Set(value), condition: new Set(condition) };
    },
    rowId: () => rowId(walk, rows, order),
  };
}

/** Terms of the rows and the row order, with everything that the table was created from below them. */
function preparedTerms(terms: TermGraph, name: TableName, analysis: QueryAnalysis): Pick<InputTerms, 'rows' | 'order'> {
  const { relation, notes } = analysis;
  // Two tables created by the same query differ if their rows may be random or tied.
  const own = notes.length === 0 ? null : name.table.toLowerCase();
  const rows = terms.make('prepared', relation.rows, own);
  const order = terms.make('prepared order', rows, relation.order);
  for (const read of analysis.reads) {
    for (const input of termInputsOf(read)) terms.input(input, 'prepared', relation.rows, own);
    terms.input({ kind: 'order', input: read.input }, 'prepared order', rows, relation.order);
  }
  for (const input of analysis.orderReads.flatMap(termInputsOf))
    terms.input(input, 'prepared order', rows, relation.order);
  for (const note of notes.filter(text => !text.startsWith('volatile '))) terms.note(rows, 'function', note);
  if (analysis.volatile.rows) terms.note(rows, 'volatile', `volatile ${name.table}`);
  return { rows, order };
}

interface PreparedColumn {
  readonly rows: Term;
  readonly column: string;
  readonly index: number;
  /** The note for a volatile column. */
  readonly volatile: string;
}

function preparedColumn(
  terms: TermGraph,
  { relation, volatile }: QueryAnalysis,
  { rows, column, index, volatile: note }: PreparedColumn,
): Term {
  const made = relation.columns[index];
  const whole = ['missing', column, relation.columns.map(other => other.hash)];
  const term = terms.make('prepared column', rows, made?.hash ?? whole);
  return !made || volatile.columns.includes(made.name) ? terms.note(term, 'volatile', note) : term;
}

function termInputsOf(read: QueryAnalysis['reads'][number]): readonly TermInput[] {
  const { input } = read;
  const columns = read.columns.map((column): TermInput => ({ kind: 'column', input, column }));
  return [{ kind: 'rows', input }, ...columns, ...(read.order ? [{ kind: 'order', input } as const] : [])];
}
