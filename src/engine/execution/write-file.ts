import type { Column } from '../../core/definition/nodes/node.ts';
import type { Connection } from '../duckdb.ts';
import { type ContentIdentity, identitiesOf, type PlaceScope } from '../identity/content-identity.ts';
import { placeOfFile } from '../scan.ts';
import { quoteText } from '../sql-text.ts';
import { copyRows } from './copy-rows.ts';
import { storedColumns, storedQuery } from './stored-columns.ts';

export interface RowsToWrite {
  readonly query: string;
  /** The output columns, if known; otherwise DuckDB is asked. */
  readonly columns?: readonly Column[];
  /** Absolute path of a file that does not exist yet. */
  readonly into: string;
  /** Rows of a row group (default: DuckDB's). */
  readonly rowGroup?: number;
  readonly signal?: AbortSignal;
}

/** A table that was written to a file. */
export interface WrittenFile {
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** A written table with its content identity. */
export type WrittenTable = WrittenFile & ContentIdentity;

/** Writes the rows of a query to one Parquet file. */
export async function writeFile(
  connection: Connection,
  { query, into, signal, rowGroup, columns: known }: RowsToWrite,
): Promise<WrittenFile> {
  const computed = known ?? (await describeRows(connection, query));
  const columns = storedColumns(computed);
  const options = `FORMAT parquet${rowGroup === undefined ? '' : `, ROW_GROUP_SIZE ${rowGroup}`}`;
  const copy = `COPY (${storedQuery(query, { computed, columns })}\n) TO ${quoteText(into)} (${options})`;
  return { columns, rows: await copyRows(connection, { copy, into, signal }) };
}

/** Writes the rows of a query to one Parquet file and computes their content identity. */
export async function writeTable(connection: Connection, rows: RowsToWrite): Promise<WrittenTable> {
  const written = await writeFile(connection, rows);
  const scope = { place: placeOfFile(rows.into), columns: written.columns };
  return { ...written, ...(await identityOfOne(connection, scope, rows.signal)) };
}

export async function identityOfOne(
  connection: Connection,
  scope: PlaceScope,
  signal?: AbortSignal,
): Promise<ContentIdentity> {
  const [identity] = await identitiesOf(connection, [scope], signal);
  if (!identity) throw new Error('DuckDB answered nothing');
  return identity;
}

/** Output columns of a query, of any type. */
export async function describeRows(connection: Connection, query: string): Promise<readonly Column[]> {
  const rows = await connection.rows(`DESCRIBE ${query}`);
  return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
}
