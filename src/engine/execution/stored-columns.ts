import type { Column } from '../../core/definition/nodes/node.ts';
import { storedType } from '../../core/types/type-map.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { quoteName, quoteText } from '../sql-text.ts';

export interface DescribedColumns {
  /** With the types that the query returns. */
  readonly computed: readonly Column[];
  /** With the types that are stored. */
  readonly columns: readonly Column[];
}

/** Columns with the types that are stored. Throws `unstorable-type`. */
export function storedColumns(columns: readonly Column[]): readonly Column[] {
  return columns.map(({ name, type }) => {
    const stored = storedType(type);
    if (stored !== null) return { name, type: stored };
    throw new ToolError('unstorable-type', `Column '${name}' has type ${type}, which cannot be stored.`, {
      hint: 'Cast it to another type.',
    });
  });
}

/** The query with every column cast to its stored type; unchanged if no cast is needed. */
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

const MOST_MILLISECONDS = 2 ** 32 - 1;

/** Parquet stores intervals as unsigned 32-bit numbers, the time in milliseconds: other values raise an error. */
function keptInterval(column: string): string {
  const parts = ['year', 'month', 'day', 'hour', 'minute', 'microseconds'].map(
    part => `datepart('${part}', ${column})`,
  );
  const milliseconds = `datepart('hour', ${column}) * 3600000 + datepart('minute', ${column}) * 60000 + datepart('microseconds', ${column}) // 1000`;
  const refuse = (what: string): string => `error(${quoteText(`${what} cannot be stored: cast ${column} to VARCHAR`)})`;
  return [
    `CASE WHEN least(${parts.join(', ')}) < 0 THEN ${refuse('a negative interval')}`,
    `WHEN datepart('microseconds', ${column}) % 1000 <> 0 THEN ${refuse('an interval with microseconds')}`,
    `WHEN ${milliseconds} > ${MOST_MILLISECONDS} THEN ${refuse('an interval with a time of more than 1193 hours')}`,
    `ELSE ${column} END`,
  ].join(' ');
}
