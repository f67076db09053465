import { renderBoxTable } from '../views/text/box-table.ts';
import { plural } from '../views/text/columns.ts';
import type { ReplOutput } from './repl-output.ts';
import type { QueryResult } from './repl-session.ts';

type TextRows = readonly (readonly (string | null)[])[];

const MOST_ROWS = 100;

/** Prints the first rows of a result as a table, and a note if there are more. */
export async function printResult(result: QueryResult, output: ReplOutput): Promise<void> {
  const { rows, more } = await takeRows(result, MOST_ROWS);
  const note = more
    ? `Only the first ${MOST_ROWS} rows are shown; add a LIMIT, or take all of them with: seeknal repl -e SQL`
    : `(${plural(rows.length, 'row')})`;
  await output.out(`${renderRows(result, rows)}${note}\n`);
}

/** Rows as a table; the output of EXPLAIN unchanged. Each line ends with a newline. */
export function renderRows({ columns }: Pick<QueryResult, 'columns'>, rows: TextRows): string {
  const drawn = columns.map(column => column.name).join() === 'explain_key,explain_value';
  return drawn ? rows.map(([, plan]) => `${plan?.trimEnd()}\n`).join('') : renderBoxTable(columns, rows);
}

/** The first rows as texts, and whether there are more; no further rows are read. */
export async function takeRows(
  result: QueryResult,
  most: number,
): Promise<{ readonly rows: TextRows; readonly more: boolean }> {
  const rows: (readonly (string | null)[])[] = [];
  for await (const chunk of result.chunks) {
    for (const row of chunk) {
      if (rows.length === most) return { rows, more: true };
      rows.push(row.map((value, column) => result.toText(value, column)));
    }
  }
  return { rows, more: false };
}
