import type { Connection } from '../duckdb.ts';
import { placeOfFile, scan } from '../scan.ts';

/** Runs a COPY of rows into a Parquet file and returns their number. */
export async function copyRows(
  connection: Connection,
  { copy, into, signal }: { readonly copy: string; readonly into: string; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  const [counted] = await connection.rows(copy, signal);
  // The COPY of a PIVOT without IN is several statements: the last one commits, and counts nothing.
  const [rows] = counted ?? (await connection.rows(`SELECT count(*) FROM ${scan(placeOfFile(into))}`, signal))[0] ?? [];
  if (typeof rows !== 'string' && typeof rows !== 'number') throw new Error(`DuckDB did not count the rows of ${into}`);
  return Number(rows);
}
