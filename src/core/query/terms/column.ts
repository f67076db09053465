import { type Dependencies, union } from './dependencies.ts';
import type { PlanType } from '../plan-json/plan-tree.ts';
import type { Term } from './term.ts';

/** A value per row: its term, its type, and the columns of inputs that it is computed from or selected by. */
export interface Column {
  readonly term: Term;
  readonly type: PlanType;
  readonly value: Dependencies;
  readonly condition: Dependencies;
}

/** All input columns that a column depends on. */
export const dependenciesOf = (column: Pick<Column, 'value' | 'condition'>): Dependencies =>
  union(column.value, column.condition);

/** All input columns that several columns depend on. */
export const dependenciesOfAll = (columns: readonly Pick<Column, 'value' | 'condition'>[]): Dependencies =>
  union(...columns.map(dependenciesOf));

/** The terms of columns. */
export const termsOf = (columns: readonly Column[]): readonly Term[] => columns.map(column => column.term);

/** A column that is computed from others. */
export function fromColumns(term: Term, type: Column['type'], columns: readonly Column[]): Column {
  const value = union(...columns.map(column => column.value));
  return { term, type, value, condition: union(...columns.map(column => column.condition)) };
}
