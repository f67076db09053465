import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AttachedDatabase } from '../../../engine/attached/attached-database.ts';
import type { Connection } from '../../../engine/duckdb.ts';
import { writeFile } from '../../../engine/execution/write-file.ts';
import { placeOfFile, scan } from '../../../engine/scan.ts';
import { readingsOf } from './describe-relation.ts';
import { inReaderTransaction, type ReaderPlace } from './reader-transaction.ts';
import type { DescribedRelation } from './relation.ts';
import { computedOf, rowsOf } from './write-rows.ts';

const MOST_ROWS = 1000;

/** Copies some rows into a temporary file, which exists until the caller has looked at it. */
export async function withSomeRows<T>(
  database: AttachedDatabase,
  { place, described }: { readonly place: ReaderPlace; readonly described: DescribedRelation },
  work: (query: string) => Promise<T>,
): Promise<T> {
  const into = await inReaderTransaction(database, place, connection => copyRows(connection, place.signal, described));
  try {
    return await work(`FROM ${scan(placeOfFile(into))}`);
  } finally {
    rmSync(into, { force: true });
  }
}

async function copyRows(connection: Connection, signal: AbortSignal, described: DescribedRelation): Promise<string> {
  const readings = readingsOf(described);
  const query = rowsOf({ relation: described.relation, readings }, ` LIMIT ${MOST_ROWS}`);
  const into = await temporaryFile(connection);
  try {
    await writeFile(connection, { query, columns: computedOf(readings), into, signal });
    return into;
  } catch (error) {
    rmSync(into, { force: true });
    throw error;
  }
}

/** DuckDB creates its folder for temporary files only when it needs one. */
async function temporaryFile(connection: Connection): Promise<string> {
  const [[folder] = []] = await connection.rows("SELECT current_setting('temp_directory')");
  mkdirSync(String(folder), { recursive: true });
  return join(String(folder), `look-${randomUUID()}.parquet`);
}
