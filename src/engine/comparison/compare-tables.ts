import { compareSchemas, type SchemaDifference } from '../../core/plan/changes/compare-schemas.ts';
import type { Column } from '../../core/definition/nodes/node.ts';
import { type AlignedTables, alignTables, type ComparedTable } from './common-columns.ts';
import type { Connection } from '../duckdb.ts';
import { exactHash, exactHashPair } from '../identity/exact-hash.ts';
import { findKey, isUnique } from './row-key.ts';
import { type RowSamples, sampleRows } from './sample-differences.ts';

export interface TablesToCompare {
  readonly left: ComparedTable;
  readonly right: ComparedTable;
  /** Common columns that identify a row; null: find some. */
  readonly key: readonly Column[] | null;
  /** Most sample rows per side. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface TableComparison {
  readonly schema: SchemaDifference;
  readonly onlyLeft: number;
  readonly onlyRight: number;
  /** Names of the key columns; null if none was needed or found, or if the given key has duplicates. */
  readonly key: readonly string[] | null;
  /** Columns that differ in rows with the same key, with the number of such rows; null without a key. */
  readonly changed: readonly { readonly name: string; readonly rows: number }[] | null;
  readonly samples: RowSamples | null;
}

/**
 * Compares two places as multisets of rows over their common columns. Values are equal if no query can distinguish them;
 * values of a retyped column are compared under a common type, or as text.
 *
 * Reads both once and groups the rows by a 128-bit hash. This takes about 50 bytes per distinct row, which DuckDB spills to
 * disk above its memory limit. The hashes of differing rows go into a temporary table. Only if there are any, the places
 * are read again for a key, for values by key, and for samples. Only samples reach this process.
 */
export async function compareTables(connection: Connection, work: TablesToCompare): Promise<TableComparison> {
  const schema = compareSchemas(work.left.columns, work.right.columns);
  const aligned = await alignTables(connection, work, schema);
  const counts = await findDifferences(connection, aligned, work.signal);
  if (counts.onlyLeft + counts.onlyRight === 0)
    return { schema, ...counts, key: work.key?.map(column => column.name) ?? null, changed: [], samples: null };
  const matched = await compareByKey(connection, work, { aligned, equal: work.left.rows - counts.onlyLeft });
  const { limit, signal } = work;
  const order = matched?.key ?? null;
  const samples =
    limit === 0
      ? null
      : await sampleRows(connection, {
          ...aligned,
          key: order,
          limit,
          signal,
        });
  const key = matched?.key.map(column => column.name) ?? null;
  return { schema, ...counts, key, changed: matched?.changed ?? null, samples };
}

/** Creates the table `differing`: hashes of rows that one side has more often, with both counts. */
async function findDifferences(
  connection: Connection,
  { left, right, columns }: AlignedTables,
  signal: AbortSignal | undefined,
): Promise<Pick<TableComparison, 'onlyLeft' | 'onlyRight'>> {
  const [first, second] = exactHashPair(columns);
  const side = (table: string, marks: string): string =>
    `SELECT ${first} AS h1, ${second} AS h2, ${marks} FROM ${table}`;
  await connection.run(
    `CREATE TEMP TABLE differing AS SELECT h1, h2, count(l) AS l, count(r) AS r FROM (
       ${side(left, '1::UTINYINT AS l, NULL::UTINYINT AS r')}
       UNION ALL ${side(right, 'NULL, 1')}
     ) GROUP BY h1, h2 HAVING count(l) <> count(r)`,
    signal,
  );
  const sums = 'coalesce(sum(greatest(l - r, 0)), 0)::BIGINT, coalesce(sum(greatest(r - l, 0)), 0)::BIGINT';
  const [[onlyLeft, onlyRight] = []] = await connection.rows(`SELECT ${sums} FROM differing`, signal);
  return { onlyLeft: Number(onlyLeft), onlyRight: Number(onlyRight) };
}

interface Matched {
  readonly key: readonly Column[];
  readonly changed: NonNullable<TableComparison['changed']>;
}

interface Counted {
  readonly aligned: AlignedTables;
  /** Number of rows that both sides have. */
  readonly equal: number;
}

/** Compares rows by key. A guessed key must match at least one row; a key that is generated in each run does not. */
async function compareByKey(
  connection: Connection,
  work: TablesToCompare,
  { aligned, equal }: Counted,
): Promise<Matched | null> {
  const { signal } = work;
  const { columns } = aligned;
  const tables = [aligned.left, aligned.right];
  const guessed = work.key === null;
  const key = work.key ?? (await findKey(connection, { tables, columns, signal }));
  if (key === null) return null;
  if (!guessed) for (const table of tables) if (!(await isUnique(connection, table, key, signal))) return null;
  const { pairs, changed } = await countChanges(connection, aligned, { key, signal });
  return guessed && pairs + equal === 0 ? null : { key, changed };
}

/** Groups rows by key; equal hashes of a column cancel out in `bit_xor`. */
async function countChanges(
  connection: Connection,
  { left, right, columns }: AlignedTables,
  { key, signal }: { readonly key: readonly Column[]; readonly signal: AbortSignal | undefined },
): Promise<{ readonly pairs: number; readonly changed: Matched['changed'] }> {
  const names = new Set(key.map(column => column.name));
  const others = columns.filter(column => !names.has(column.name));
  const [h1, h2] = exactHashPair(columns);
  const [k1, k2] = exactHashPair(key);
  const values = others.map((column, index) => `, ${exactHash([column])} AS v${index}`).join('');
  const side = (table: string): string =>
    `SELECT * FROM (SELECT ${h1} AS h1, ${h2} AS h2, ${k1} AS k1, ${k2} AS k2${values} FROM ${table}) SEMI JOIN differing USING (h1, h2)`;
  const differences = others.map((_, index) => `, bit_xor(v${index}) AS x${index}`).join('');
  const totals = others.map((_, index) => `, count(*) FILTER (x${index} <> 0)`).join('');
  const pairs = `SELECT k1, k2${differences} FROM (${side(left)} UNION ALL ${side(right)}) GROUP BY k1, k2 HAVING count(*) = 2`;
  const [[found, ...rows] = []] = await connection.rows(`SELECT count(*)${totals} FROM (${pairs})`, signal);
  const counted = others.map(({ name }, index) => ({ name, rows: Number(rows[index]) }));
  return { pairs: Number(found), changed: counted.filter(column => column.rows > 0) };
}
