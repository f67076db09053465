import type { Connection } from '../duckdb.ts';
import { placeOfFile, scan } from '../scan.ts';

/** Runs a COPY into a Parquet file and returns the number of rows. */
export async function copyRows(
  connection: Connection,
  { copy, into, signal }: { readonly copy: string; readonly into: string; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  const [counted] = await connection.rows(copy, signal);
  // DuckDB splits the COPY of a PIVOT without IN into several statements; the last one returns no count.
  const [rows] = counted ?? (await connection.rows(`SELECT count(*) FROM ${scan(placeOfFile(into))}`, signal))[0] ?? [];
  if (typeof rows !== 'string' && typeof rows !== 'number') throw new Error(`DuckDB did not count the rows of ${into}`);
  return Number(rows);
}
