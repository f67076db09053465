import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { firstRecord, linesOf } from './csv-lines.ts';
import type { KnownCsv } from './known-csv.ts';
import type { FileReading } from '../reader-call.ts';

const INTEGER_TEXT = /^\s*[+-]?\d*\s*$/;

/** The first value of an integer column that is not an integer; needed because DuckDB rounds silently. */
export async function firstFraction(
  session: ExecutionSession,
  reading: FileReading,
  { known, name }: { readonly known: KnownCsv; readonly name: string },
): Promise<{ readonly file: string; readonly line: number; readonly value: string } | null> {
  const { dialect, columns } = known;
  const index = columns.findIndex(column => column.name === name);
  const above = dialect.skip + (dialect.header ? 1 : 0);
  for (const file of reading.files) {
    const lines = await linesOf(session, reading, { file, limit: SEARCHED_LINES });
    const values = lines.map(line => firstRecord([line], dialect)[index] ?? '');
    const at = values.findIndex((value, line) => line >= above && !INTEGER_TEXT.test(value));
    if (at >= 0) return { file: file.path, line: at + 1, value: values[at] ?? '' };
  }
  return null;
}

/** How many lines are searched; the sample size of DuckDB's sniffer. */
const SEARCHED_LINES = 20_480;
