import { padText, textWidth } from './text-width.ts';

/** Aligns rows of cells, three spaces apart, without trailing spaces; cells must not contain colour codes yet. */
export function alignColumns(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, textWidth(cell))));
  // An empty column would only widen the gap.
  const shown = (row: readonly string[]) =>
    row.flatMap((cell, column) => (widths[column] ? [padText(cell, widths[column])] : []));
  return rows.map(row => `${indent}${shown(row).join('   ')}`.trimEnd());
}

/** `1 node`, `2 nodes`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
