import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { quoteText } from '../../../engine/sql-text.ts';
import { linesCall } from '../csv/csv-lines.ts';
import type { FileReading } from '../reader-call.ts';

/** DuckDB's message about a CSV file, with the record number replaced by the line number; values may span lines. */
export async function withFileLine(session: ExecutionSession, reading: FileReading, said: string): Promise<string> {
  const [, record, text] = /CSV Error on Line: (\d+)\s*\nOriginal Line: ?([^\r\n]*)/.exec(said) ?? [];
  const path = /^ *file = (.+)$/m.exec(said)?.[1];
  const file = reading.files.find(each => each.path === path || each.absolute === path);
  if (record === undefined || text === undefined || !file) return said;
  const line = await lineFrom(session, linesCall(reading, file), { text, first: Number(record) });
  return said.replace(/(CSV Error on Line: )\d+/, `$1${line}`);
}

/** The first line with this text, starting at `first`; `first` if there is none. */
async function lineFrom(
  session: ExecutionSession,
  lines: string,
  { text, first }: { readonly text: string; readonly first: number },
): Promise<number> {
  const numbered = `SELECT coalesce(line, '') AS line, row_number() OVER () AS number FROM (${lines})`;
  try {
    const [row] = await session.rows(
      `SELECT min(number) FROM (${numbered}) WHERE number >= ${first} AND line = ${quoteText(text)}`,
    );
    return row?.[0] === null || row === undefined ? first : Number(row[0]);
  } catch {
    return first;
  }
}
