import { NO_DEPENDENCIES, type Dependencies, union } from '../terms/dependencies.ts';
import type { Term } from '../terms/term.ts';
import type { TermGraph } from '../terms/term-graph.ts';
import type { Column } from '../terms/column.ts';
import { type RowSet, part, type Filter, product } from './row-set.ts';

/** Where the columns of a table index begin among a frame's columns. */
interface Binding {
  readonly table: string;
  readonly from: number;
}

/** What an operator of a plan gives: rows, columns by position, and what is provable about them. */
export interface OperatorOutput {
  readonly columns: readonly Column[];
  readonly bindings: readonly Binding[];
  readonly rows: RowSet;
  /** What the columns are functions of. Two frames that share a base must be told apart before they meet. */
  readonly bases: ReadonlySet<Term>;
  /** Exactly one row, whatever the data. */
  readonly single: boolean;
  /** Sets of columns, each of which no two rows share. */
  readonly keys: readonly (readonly Term[])[];
  /** Everything that the sequence of the rows may depend on. */
  readonly order: Term;
  /** The query's own ORDER BY that still holds here. */
  readonly sorted: Term | null;
  readonly rowDependencies: Dependencies;
  readonly orderDependencies: Dependencies;
  /** The same rows but for duplicates, simpler; for those who cannot see duplicates. */
  readonly support?: OperatorOutput;
  /** Names the number of rows where that depends on less than the rows do. */
  readonly count?: Term;
  /** Stands for every column of an operator that the walk does not know. */
  readonly unknown?: Column;
}

/** What the references of an expression point to, and the rows for each of which it is evaluated. */
export type Scope = Pick<OperatorOutput, 'columns' | 'bindings' | 'unknown'> & { readonly rows: Pick<RowSet, 'term'> };

/** A frame of rows that nothing else has: aggregates, set operations, VALUES and the like. */
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

/** Names the columns from an index on as those of a table index of the plan. */
export const bind = (output: OperatorOutput, table: number | string | undefined, from = 0): OperatorOutput => ({
  ...output,
  bindings: [...output.bindings, { table: String(table), from }],
});

/** The frame without what holds only for exactly its rows. */
export function withoutHints(output: OperatorOutput): Omit<OperatorOutput, 'support' | 'count'> {
  const { support: _support, count: _count, ...kept } = output;
  return kept;
}

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

/** Marks one side of a join, so that its columns are not taken for those of the other. */
export function tagged(terms: TermGraph, output: OperatorOutput, side: string): OperatorOutput {
  return {
    ...mapTerms(output, term => terms.make(side, term)),
    rows: part(terms.make(side, output.rows.term)),
    bases: new Set([...output.bases].map(base => terms.make(side, base))),
  };
}

/** The two sides of a join, told apart where they can share rows. */
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

/** Two frames side by side; the rows are up to the caller. */
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

/** Keys of a product: one of each side together. */
export function keysTogether(left: OperatorOutput, right: OperatorOutput): OperatorOutput['keys'] {
  return left.keys.flatMap(a => right.keys.map(b => [...a, ...b])).slice(0, MOST_KEYS);
}

/** Whether the terms tell any two rows apart. */
export function isTotal(output: OperatorOutput, terms: ReadonlySet<Term>): boolean {
  return output.keys.some(key => key.every(term => terms.has(term)));
}
