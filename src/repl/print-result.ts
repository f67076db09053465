import { renderBoxTable } from '../views/box-table.ts';
import { plural } from '../views/columns.ts';
import type { ReplOutput } from './repl-output.ts';
import type { QueryResult } from './repl-session.ts';

const MOST_ROWS = 100;

/** Prints the first rows of a result as a table, and says where there are more. */
export async function printResult(result: QueryResult, output: ReplOutput): Promise<void> {
  const { rows, more } = await takeRows(result, MOST_ROWS);
  const note = more
    ? `Only the first ${MOST_ROWS} rows are shown; add a LIMIT, or take all of them with: seeknal repl -e SQL`
    : `(${plural(rows.length, 'row')})`;
  await output.out(`${renderBoxTable(result.columns, rows)}${note}\n`);
}

/** The first rows as texts, and whether there are more; nothing beyond is read. */
export async function takeRows(
  result: QueryResult,
  most: number,
): Promise<{ readonly rows: readonly (readonly (string | null)[])[]; readonly more: boolean }> {
  const rows: (readonly (string | null)[])[] = [];
  for await (const chunk of result.chunks) {
    for (const row of chunk) {
      if (rows.length === most) return { rows, more: true };
      rows.push(row.map((value, column) => result.toText(value, column)));
    }
  }
  return { rows, more: false };
}
