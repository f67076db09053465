import type { Column } from '../../core/definition/nodes/node.ts';
import type { Connection } from '../duckdb.ts';
import { exactHashPair } from '../identity/exact-hash.ts';
import { quoteName } from '../sql-text.ts';

type SampleRow = readonly (string | null)[];

/** Rows that one side has more often than the other, as text in the order of the columns; null is NULL. */
export interface RowSamples {
  readonly columns: readonly Column[];
  readonly onlyLeft: readonly SampleRow[];
  readonly onlyRight: readonly SampleRow[];
}

export interface SampleRequest {
  /** Tables as SQL. */
  readonly left: string;
  readonly right: string;
  readonly columns: readonly Column[];
  /** Order of the rows, so that both sides show the same; null: any rows, ordered by all columns. */
  readonly key: readonly Column[] | null;
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** Some rows of each side, found with the table `differing` of `compareTables`. Deterministic. */
export async function sampleRows(connection: Connection, request: SampleRequest): Promise<RowSamples> {
  const { columns, left, right } = request;
  return {
    columns,
    onlyLeft: await sampleSide(connection, { table: left, own: 'l', other: 'r' }, request),
    onlyRight: await sampleSide(connection, { table: right, own: 'r', other: 'l' }, request),
  };
}

interface Side {
  readonly table: string;
  /** Columns of `differing`. */
  readonly own: 'l' | 'r';
  readonly other: 'l' | 'r';
}

async function sampleSide(
  connection: Connection,
  { table, own, other }: Side,
  { columns, key, limit, signal }: SampleRequest,
): Promise<readonly SampleRow[]> {
  const [h1, h2] = exactHashPair(columns);
  const values = columns.map(({ name }, index) => `, ${quoteName(name)} AS c${index}`).join('');
  const rows = `SELECT ${h1} AS h1, ${h2} AS h2${values} FROM ${table}`;
  const more = `SELECT h1, h2, ${own} - ${other} AS times FROM differing WHERE ${own} > ${other}`;
  // Without a key, rows may repeat: choose a few distinct rows, then show each as often as this side has more of it.
  const chosen = key === null ? `${more} ORDER BY h1, h2 LIMIT ${limit}` : more;
  const often = key === null ? 'QUALIFY row_number() OVER (PARTITION BY h1, h2) <= times' : '';
  const texts = columns.map((_, index) => `c${index}::VARCHAR`).join(', ');
  const order = [...(key ?? columns).flatMap(column => orderOf(columns, column)), 'h1', 'h2'].join(', ');
  const found = await connection.rows(
    `SELECT ${texts === '' ? 'NULL' : texts} FROM (${rows}) JOIN (${chosen}) USING (h1, h2) ${often} ORDER BY ${order} LIMIT ${limit}`,
    signal,
  );
  return found.map(row => row.slice(0, columns.length).map(value => (value === null ? null : String(value))));
}

/** A VARIANT cannot be ordered. */
const orderOf = (columns: readonly Column[], { name, type }: Column): readonly string[] =>
  type === 'VARIANT' ? [] : [`c${columns.findIndex(column => column.name === name)}`];
