import type { ExecutionSession } from '../../../engine/execution/execution-session.ts';
import { firstRecord, linesOf } from './csv-lines.ts';
import type { KnownCsv } from './known-csv.ts';
import type { FileReading } from '../reader-call.ts';

const INTEGER_TEXT = /^\s*[+-]?\d*\s*$/;

/** The first line in which a column of integers holds something else: DuckDB rounds it without a word. */
export async function firstFraction(
  session: ExecutionSession,
  reading: FileReading,
  { known, name }: { readonly known: KnownCsv; readonly name: string },
): Promise<{ readonly file: string; readonly line: number; readonly value: string } | null> {
  const { dialect, columns } = known;
  const index = columns.findIndex(column => column.name === name);
  const above = dialect.skip + (dialect.header ? 1 : 0);
  for (const file of reading.files) {
    const lines = await linesOf(session, reading, { file, limit: LOOKED_AT });
    const values = lines.map(line => firstRecord([line], dialect)[index] ?? '');
    const at = values.findIndex((value, line) => line >= above && !INTEGER_TEXT.test(value));
    if (at >= 0) return { file: file.path, line: at + 1, value: values[at] ?? '' };
  }
  return null;
}

/** Lines in which such a value is looked for: as many as DuckDB's sniffer looks at. */
const LOOKED_AT = 20_480;
