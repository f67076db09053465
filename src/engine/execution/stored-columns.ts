import type { Column } from '../../core/definition/nodes/node.ts';
import { storedType } from '../../core/types/type-map.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { quoteName, quoteText } from '../sql-text.ts';

export interface DescribedColumns {
  /** As a query gives them. */
  readonly computed: readonly Column[];
  /** As they are stored. */
  readonly columns: readonly Column[];
}

/** Columns as they are stored. Throws `unstorable-type` for a type that cannot be. */
export function storedColumns(columns: readonly Column[]): readonly Column[] {
  return columns.map(({ name, type }) => {
    const stored = storedType(type);
    if (stored !== null) return { name, type: stored };
    throw new ToolError('unstorable-type', `The column '${name}' has type ${type}, which cannot be stored.`, {
      hint: 'Cast it to another type.',
    });
  });
}

/** The query with every column as it is stored; unchanged where all of them are already. */
export function storedQuery(query: string, { computed, columns }: DescribedColumns): string {
  const expressions = computed.map(({ name, type }, index) => {
    const column = quoteName(name);
    const target = columns[index]?.type ?? type;
    if (type === 'INTERVAL') return `${keptInterval(column)} AS ${column}`;
    return target === type ? column : `CAST(${column} AS ${target}) AS ${column}`;
  });
  const changed = expressions.some((expression, index) => expression !== quoteName(computed[index]?.name ?? ''));
  return changed ? `SELECT ${expressions.join(', ')} FROM (${query}\n)` : query;
}

/** Parquet keeps intervals in milliseconds, and none that are negative: what would be lost fails the node. */
function keptInterval(column: string): string {
  const parts = ['year', 'month', 'day', 'hour', 'minute', 'microseconds'].map(
    part => `datepart('${part}', ${column})`,
  );
  const refuse = (what: string): string => `error(${quoteText(`${what} cannot be stored: cast ${column} to VARCHAR`)})`;
  return [
    `CASE WHEN least(${parts.join(', ')}) < 0 THEN ${refuse('a negative interval')}`,
    `WHEN datepart('microseconds', ${column}) % 1000 <> 0 THEN ${refuse('an interval with microseconds')}`,
    `ELSE ${column} END`,
  ].join(' ');
}
