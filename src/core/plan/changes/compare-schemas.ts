import type { Retyped } from '../../documents/plan-document.ts';
import type { Column } from '../../definition/nodes/node.ts';

/** How the columns of two tables differ. */
export interface SchemaDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly retyped: readonly Retyped[];
  /** Columns with the same type in both, named as in the second table. */
  readonly common: readonly Column[];
}

/** Columns are matched by name, ignoring case as DuckDB does; their order does not count. */
export function compareSchemas(before: readonly Column[], after: readonly Column[]): SchemaDifference {
  const old = new Map(before.map(column => [column.name.toLowerCase(), column]));
  const now = new Set(after.map(column => column.name.toLowerCase()));
  const typeBefore = (column: Column): string | undefined => old.get(column.name.toLowerCase())?.type;
  return {
    added: after.filter(column => typeBefore(column) === undefined).map(column => column.name),
    removed: before.filter(column => !now.has(column.name.toLowerCase())).map(column => column.name),
    retyped: after.flatMap(({ name, type }) => {
      const from = typeBefore({ name, type });
      return from === undefined || from === type ? [] : [{ name, from, to: type }];
    }),
    common: after.filter(column => typeBefore(column) === column.type),
  };
}
