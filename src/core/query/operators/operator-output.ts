import { NO_DEPENDENCIES, type Dependencies, union } from '../terms/dependencies.ts';
import type { Term } from '../terms/term.ts';
import type { TermGraph } from '../terms/term-graph.ts';
import type { Column } from '../terms/column.ts';
import { type RowSet, part, type Filter, product } from './row-set.ts';

/** The position of the first column of a table index among the columns of an output. */
interface Binding {
  readonly table: string;
  readonly from: number;
}

/** The output of an operator: rows, columns by position, and proven facts about them. */
export interface OperatorOutput {
  readonly columns: readonly Column[];
  readonly bindings: readonly Binding[];
  readonly rows: RowSet;
  /** The rows that the columns are functions of. Two outputs that share a base must be distinguished before they are joined. */
  readonly bases: ReadonlySet<Term>;
  /** Exactly one row for any data. */
  readonly single: boolean;
  /** Sets of columns that identify a row. */
  readonly keys: readonly (readonly Term[])[];
  /** Everything that the row order may depend on. */
  readonly order: Term;
  /** The query's own ORDER BY, if it still applies here. */
  readonly sorted: Term | null;
  readonly rowDependencies: Dependencies;
  readonly orderDependencies: Dependencies;
  /** Equivalent up to duplicates, for duplicate-insensitive consumers. */
  readonly support?: OperatorOutput;
  /** The term of the number of rows, if it depends on less than the rows do. */
  readonly count?: Term;
  /** Represents every column of an unsupported operator. */
  readonly unknown?: Column;
}

/** The columns that an expression can refer to, and the rows for which it is evaluated. */
export type Scope = Pick<OperatorOutput, 'columns' | 'bindings' | 'unknown'> & { readonly rows: Pick<RowSet, 'term'> };

/** An output with rows of its own, as of aggregates, set operations and VALUES. */
export function freshOutput(
  output: Pick<OperatorOutput, 'columns' | 'order'> & { readonly rows: Term } & Partial<Omit<OperatorOutput, 'rows'>>,
): OperatorOutput {
  const defaults = {
    bindings: [],
    single: false,
    keys: [],
    sorted: null,
    rowDependencies: NO_DEPENDENCIES,
    orderDependencies: NO_DEPENDENCIES,
  };
  return { ...defaults, bases: new Set([output.rows]), ...output, rows: part(output.rows) };
}

/** Binds the columns from a position on to a table index of the plan. */
export const bind = (output: OperatorOutput, table: number | string | undefined, from = 0): OperatorOutput => ({
  ...output,
  bindings: [...output.bindings, { table: String(table), from }],
});

/** The output without the facts that hold only for exactly its rows. */
export function withoutHints(output: OperatorOutput): Omit<OperatorOutput, 'support' | 'count'> {
  const { support: _support, count: _count, ...kept } = output;
  return kept;
}

/** The output with only the rows that pass a filter. */
export function filtered(terms: TermGraph, output: OperatorOutput, filter: Filter): OperatorOutput {
  const rest = { ...withoutHints(output), rowDependencies: union(output.rowDependencies, filter.dependencies) };
  if (filter.terms.length === 0) return rest;
  return { ...rest, single: false, rows: product(terms, [output.rows], filter) };
}

/** Applies a function to every column, and to the keys that they make. */
export function mapTerms(output: OperatorOutput, map: (term: Term) => Term): OperatorOutput {
  return {
    ...withoutHints(output),
    columns: output.columns.map(column => ({ ...column, term: map(column.term) })),
    keys: output.keys.map(key => key.map(map)),
    ...(output.unknown ? { unknown: { ...output.unknown, term: map(output.unknown.term) } } : {}),
  };
}

/** Tags one side of a join, so that its columns differ from those of the other side. */
export function tagged(terms: TermGraph, output: OperatorOutput, side: string): OperatorOutput {
  return {
    ...mapTerms(output, term => terms.make(side, term)),
    rows: part(terms.make(side, output.rows.term)),
    bases: new Set([...output.bases].map(base => terms.make(side, base))),
  };
}

/** The two sides of a join, tagged if they can share rows. */
export function sidesOf(
  terms: TermGraph,
  left: OperatorOutput,
  right: OperatorOutput,
): readonly [OperatorOutput, OperatorOutput] {
  const shared = [...left.bases].some(base => right.bases.has(base));
  return shared ? [tagged(terms, left, 'left'), tagged(terms, right, 'right')] : [left, right];
}

/** The columns of both, side by side. */
export function columnsOfBoth(left: Omit<Scope, 'rows'>, right: Omit<Scope, 'rows'>): Omit<Scope, 'rows'> {
  const width = left.columns.length;
  const unknown = left.unknown ?? right.unknown;
  return {
    columns: [...left.columns, ...right.columns],
    bindings: [...left.bindings, ...right.bindings.map(({ table, from }) => ({ table, from: from + width }))],
    ...(unknown ? { unknown } : {}),
  };
}

/** Two outputs side by side; the caller adds the rows. */
export function beside(
  left: OperatorOutput,
  right: OperatorOutput,
): Omit<OperatorOutput, 'rows' | 'order' | 'single' | 'keys'> {
  return {
    ...columnsOfBoth(left, right),
    bases: new Set([...left.bases, ...right.bases]),
    sorted: null,
    rowDependencies: union(left.rowDependencies, right.rowDependencies),
    orderDependencies: union(left.orderDependencies, right.orderDependencies),
  };
}

const MOST_KEYS = 4;

/** Keys of a product: one key of each side, combined. */
export function keysTogether(left: OperatorOutput, right: OperatorOutput): OperatorOutput['keys'] {
  return left.keys.flatMap(a => right.keys.map(b => [...a, ...b])).slice(0, MOST_KEYS);
}

/** Whether the terms identify a row. */
export function isTotal(output: OperatorOutput, terms: ReadonlySet<Term>): boolean {
  return output.keys.some(key => key.every(term => terms.has(term)));
}
