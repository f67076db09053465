import type { WriteMode } from '../../../core/definition/nodes/target-definition.ts';
import { quoteName } from '../../../engine/sql-text.ts';
import type { PostgresClient } from '../client.ts';
import { carrierOf, type TargetColumn } from './column-carrier.ts';
import { quoteText } from './sql-names.ts';
import { findColumn } from './refuse-shape.ts';

/** Rows in a staging table `s` and the table `t` that they go to; both names are quoted. */
export interface RowMove {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly TargetColumn[];
}

/** SQL that inserts the staged rows that meet a condition. */
export function insertRows({ from, to, columns }: RowMove, condition = ''): string {
  const names = columns.map(({ tableName }) => quoteName(tableName)).join(', ');
  const values = columns.map(column => carrierOf(column).value).join(', ');
  return `INSERT INTO ${to} (${names}) SELECT ${values} FROM ${from} AS s${condition && ` WHERE ${condition}`}`;
}

/** Changes the rows of an existing table as the mode says; the number of rows written. `append` only adds them. */
export async function moveRows(client: PostgresClient, mode: WriteMode, move: RowMove): Promise<number> {
  switch (mode.kind) {
    case 'append':
      break;
    case 'replace':
      await client.run(`DELETE FROM ONLY ${move.to}`);
      break;
    case 'upsert':
      await deleteKeys(client, keyColumns(move.columns, mode.keys), move);
      break;
    case 'replace-period':
      return replacePeriod(client, mode, move);
  }
  return client.run(insertRows(move));
}

/** The columns with these names. */
export const keyColumns = (columns: readonly TargetColumn[], keys: readonly string[]): readonly TargetColumn[] =>
  keys.flatMap(key => findColumn(columns, key) ?? []);

/**
 * Deletes rows with a key that was staged. Each combination of NULL keys has a statement of its own, so that the server
 * joins by `=`, which it can hash: with `IS NOT DISTINCT FROM` it compares every pair of rows.
 */
async function deleteKeys(client: PostgresClient, keys: readonly TargetColumn[], move: RowMove): Promise<void> {
  const isNull = keys.map(key => `${carrierOf(key).value} IS NULL`).join(', ');
  const patterns = await client.rows(`SELECT DISTINCT ${isNull} FROM ${move.from} AS s`);
  for (const pattern of patterns) {
    const conditions = keys.map((key, index) => keyCondition(key, pattern[index] === 't'));
    await client.run(`DELETE FROM ONLY ${move.to} AS t USING ${move.from} AS s WHERE ${conditions.join(' AND ')}`);
  }
}

function keyCondition(key: TargetColumn, isNull: boolean): string {
  const column = `t.${quoteName(key.tableName)}`;
  const { value } = carrierOf(key);
  return isNull ? `${column} IS NULL AND ${value} IS NULL` : `${column} = ${value}`;
}

type PeriodMode = Extract<WriteMode, { readonly kind: 'replace-period' }>;

async function replacePeriod(client: PostgresClient, mode: PeriodMode, move: RowMove): Promise<number> {
  const [time] = keyColumns(move.columns, [mode.timeColumn]);
  if (time === undefined) return client.run(insertRows(move));
  const column = `t.${quoteName(time.tableName)}`;
  const { value } = carrierOf(time);
  const type = time.type === 'TIMESTAMP WITH TIME ZONE' ? 'timestamptz' : 'timestamp';
  const [[from = null, to = null] = []] = await client.rows(`
    SELECT greatest(min(${value})::${type},
        (SELECT max(${column})::${type} FROM ONLY ${move.to} AS t WHERE isfinite(${column})) - interval '${mode.lookback} milliseconds'),
      max(${value})::${type}
    FROM ${move.from} AS s`);
  if (from === null || to === null) return 0;
  const start = `${quoteText(from)}::${type}`;
  await client.run(
    `DELETE FROM ONLY ${move.to} AS t WHERE ${column} >= ${start} AND ${column} <= ${quoteText(to)}::${type}`,
  );
  return client.run(insertRows(move, `${value} >= ${start}`));
}
