import type { PlanType } from '../plan-json/plan-tree.ts';
import { NO_NAMES, type Names, union } from '../plan-json/names.ts';
import { asBag, asSet, type Term, type Terms } from '../terms/terms.ts';

/** A value per row: which function of the row it is, and the columns of inputs that make it or decide inside it. */
export interface Column {
  readonly term: Term;
  readonly type: PlanType;
  readonly value: Names;
  readonly condition: Names;
}

/** A product of parts under conditions, so that filters and inner joins commute; `term` names the whole. */
export interface RowSet {
  readonly parts: readonly Term[];
  readonly conditions: readonly Term[];
  /** What the conditions never hold for where it is NULL. */
  readonly strict: readonly Term[];
  readonly term: Term;
}

/** Where the columns of a table index begin among a frame's columns. */
interface Binding {
  readonly table: string;
  readonly from: number;
}

/** What an operator of a plan gives: rows, columns by position, and what is provable about them. */
export interface Frame {
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
  readonly rowNames: Names;
  readonly orderNames: Names;
  /** The same rows but for duplicates, simpler; for those who cannot see duplicates. */
  readonly support?: Frame;
  /** Names the number of rows where that depends on less than the rows do. */
  readonly count?: Term;
  /** Stands for every column of an operator that the walk does not know. */
  readonly unknown?: Column;
}

/** What the references of an expression point to, and the rows for each of which it is evaluated. */
export type Scope = Pick<Frame, 'columns' | 'bindings' | 'unknown'> & { readonly rows: Pick<RowSet, 'term'> };

export function part(term: Term): RowSet {
  return { parts: [term], conditions: [], strict: [], term };
}

/** Conditions under which rows are kept. */
export interface Filter {
  readonly terms: readonly Term[];
  readonly names: Names;
  readonly strict: readonly Term[];
}

export function product(terms: Terms, rows: readonly RowSet[], filter?: Filter): RowSet {
  const parts = rows.flatMap(row => row.parts);
  const strict = [...rows.flatMap(row => row.strict), ...(filter?.strict ?? [])];
  const implied = new Set(strict.map(term => terms.make('is not null', term)));
  const all = [...rows.flatMap(row => row.conditions), ...(filter?.terms ?? [])].filter(term => !implied.has(term));
  const [only] = parts;
  if (parts.length === 1 && all.length === 0 && only !== undefined) return part(only);
  return { parts, conditions: all, strict, term: terms.make('select', asBag(parts), asSet(all)) };
}

/** A frame of rows that nothing else has: aggregates, set operations, VALUES and the like. */
export function freshFrame(
  frame: Pick<Frame, 'columns' | 'order'> & { readonly rows: Term } & Partial<Omit<Frame, 'rows'>>,
): Frame {
  const defaults = { bindings: [], single: false, keys: [], sorted: null, rowNames: NO_NAMES, orderNames: NO_NAMES };
  return { ...defaults, bases: new Set([frame.rows]), ...frame, rows: part(frame.rows) };
}

/** Names the columns from an index on as those of a table index of the plan. */
export const bind = (frame: Frame, table: number | string | undefined, from = 0): Frame => ({
  ...frame,
  bindings: [...frame.bindings, { table: String(table), from }],
});

/** The frame without what holds only for exactly its rows. */
export function withoutHints(frame: Frame): Omit<Frame, 'support' | 'count'> {
  const { support: _support, count: _count, ...kept } = frame;
  return kept;
}

export function filtered(terms: Terms, frame: Frame, filter: Filter): Frame {
  const rest = { ...withoutHints(frame), rowNames: union(frame.rowNames, filter.names) };
  if (filter.terms.length === 0) return rest;
  return { ...rest, single: false, rows: product(terms, [frame.rows], filter) };
}

/** Applies a function to every column, and to the keys that they make. */
export function mapTerms(frame: Frame, map: (term: Term) => Term): Frame {
  return {
    ...withoutHints(frame),
    columns: frame.columns.map(column => ({ ...column, term: map(column.term) })),
    keys: frame.keys.map(key => key.map(map)),
    ...(frame.unknown ? { unknown: { ...frame.unknown, term: map(frame.unknown.term) } } : {}),
  };
}

/** Marks one side of a join, so that its columns are not taken for those of the other. */
export function tagged(terms: Terms, frame: Frame, side: string): Frame {
  return {
    ...mapTerms(frame, term => terms.make(side, term)),
    rows: part(terms.make(side, frame.rows.term)),
    bases: new Set([...frame.bases].map(base => terms.make(side, base))),
  };
}

/** The two sides of a join, told apart where they can share rows. */
export function sidesOf(terms: Terms, left: Frame, right: Frame): readonly [Frame, Frame] {
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
export function beside(left: Frame, right: Frame): Omit<Frame, 'rows' | 'order' | 'single' | 'keys'> {
  return {
    ...columnsOfBoth(left, right),
    bases: new Set([...left.bases, ...right.bases]),
    sorted: null,
    rowNames: union(left.rowNames, right.rowNames),
    orderNames: union(left.orderNames, right.orderNames),
  };
}

const MOST_KEYS = 4;

/** Keys of a product: one of each side together. */
export function keysTogether(left: Frame, right: Frame): Frame['keys'] {
  return left.keys.flatMap(a => right.keys.map(b => [...a, ...b])).slice(0, MOST_KEYS);
}

/** Whether the terms tell any two rows apart. */
export function isTotal(frame: Frame, terms: ReadonlySet<Term>): boolean {
  return frame.keys.some(key => key.every(term => terms.has(term)));
}

/** All that a column depends on, as names. */
export const namesOf = (column: Pick<Column, 'value' | 'condition'>): Names => union(column.value, column.condition);

export const namesOfAll = (columns: readonly Pick<Column, 'value' | 'condition'>[]): Names =>
  union(...columns.map(namesOf));
