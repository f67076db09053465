import type { Bookmark } from '../../../core/plan/sources/source-inspection.ts';
import type { IncrementalReading, SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { storedColumns, storedQuery } from '../../../engine/execution/stored-columns.ts';
import { type WrittenTable, writeTable } from '../../../engine/execution/write-file.ts';
import { placeOfFile, scan, type ScannedPlace } from '../../../engine/scan.ts';
import { quoteName, quoteText } from '../../../engine/sql-text.ts';
import { columnNamed, type TimeColumn } from './time-column.ts';
import { computedOf, type RelationReading, rowsOf } from './write-rows.ts';

/** A reading whose rows have a key. */
export interface KeyedReading extends RelationReading {
  readonly source: SourceNode;
  readonly incremental: IncrementalReading;
  readonly into: string;
}

/** What an incremental reading starts from. */
export interface MergeBase {
  readonly place: ScannedPlace;
  readonly bookmark: Bookmark;
  readonly time: TimeColumn;
}

const FRESH = '"seeknal fresh"';

/** Reads the rows that are newer than the bookmark less the lookback, and puts them in the place of those with their keys. */
export async function mergeNewRows(reading: KeyedReading, base: MergeBase): Promise<WrittenTable> {
  const { connection, readings, into, signal } = reading;
  const computed = computedOf(readings);
  const columns = storedColumns(computed);
  const fresh = storedQuery(rowsOf(reading, newerThan(reading, base)), { computed, columns });
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${FRESH} AS ${fresh}`, signal);
  await refuseRepeatedKeys(reading, FRESH);
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const same = keysOf(reading).map(key => `n.${quoteName(key)} IS NOT DISTINCT FROM o.${quoteName(key)}`);
  const kept = `SELECT ${names} FROM ${scan(base.place)} AS o WHERE NOT EXISTS (FROM ${FRESH} AS n WHERE ${same.join(' AND ')})`;
  const query = `${kept} UNION ALL SELECT ${names} FROM ${FRESH}`;
  return writeTable(connection, { query, columns, into, signal });
}

/** Rows without a time may be new. */
function newerThan({ incremental }: KeyedReading, { bookmark, time }: MergeBase): string {
  const { column, value, isNumber } = time;
  const mark = `${quoteText(bookmark.watermark)}::${column.base}`;
  const from = isNumber ? mark : `${mark} - interval '${incremental.lookback} milliseconds'`;
  return ` WHERE ${value} >= ${from} OR ${value} IS NULL`;
}

/** Throws if rows of a file share a key. */
export const refuseRepeatedKeysIn = (reading: KeyedReading): Promise<void> =>
  refuseRepeatedKeys(reading, scan(placeOfFile(reading.into)));

async function refuseRepeatedKeys(reading: KeyedReading, table: string): Promise<void> {
  const { source, connection, signal } = reading;
  const keys = keysOf(reading);
  const names = keys.map(quoteName);
  const shown = names.map(name => `CAST(${name} AS VARCHAR)`).join(', ');
  const repeated = await connection.rows(
    `SELECT ${shown} FROM ${table} GROUP BY ${names.join(', ')} HAVING count(*) > 1 ORDER BY ${names.join(', ')} LIMIT 3`,
    signal,
  );
  if (repeated.length === 0) return;
  const examples = repeated.map(values =>
    keys.map((key, index) => `${key} = ${String(values[index] ?? 'NULL')}`).join(', '),
  );
  throw new ToolError('repeated-key', `${source.id} has rows that share their key: ${examples.join('; ')}.`, {
    hint: 'Name columns under `incremental.key` that identify a row.',
  });
}

/** The key's columns as the output names them. */
export const keysOf = ({
  source,
  incremental,
  readings,
}: Pick<KeyedReading, 'source' | 'incremental' | 'readings'>): readonly string[] =>
  incremental.key.map(key => columnNamed(source, 'incremental.key', key, readings).name);
