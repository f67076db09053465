import { rmSync } from 'node:fs';
import type { Bookmark } from '../../../core/plan/sources/source-inspection.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import type { Connection } from '../../../engine/duckdb.ts';
import { type WrittenTable, writeTable } from '../../../engine/execution/write-file.ts';
import type { ReadRequest } from '../../source-connector.ts';
import { readingsOf } from './describe-relation.ts';
import { checkFreshness } from './freshness.ts';
import { type KeyedReading, type MergeBase, mergeNewRows, refuseRepeatedKeysIn } from './merge-rows.ts';
import { newestValue } from './newest-value.ts';
import type { DescribedRelation } from './relation.ts';
import { rewrittenTables } from './rewritten-tables.ts';
import { sameColumns } from './schema-change.ts';
import { timeColumn } from './time-column.ts';
import { computedOf, type RelationReading, ROW_GROUP, rowsOf } from './write-rows.ts';

export type RelationRequest = ReadRequest<DescribedRelation>;

/** What a reading gave. */
export interface ReadRelation extends WrittenTable {
  readonly bookmark: Bookmark | null;
  readonly warnings: readonly string[];
}

/** Reads a relation within a transaction of the reader. Leaves no file behind if it fails. */
export async function readRelation(
  connection: Connection,
  request: RelationRequest,
  signal: AbortSignal,
): Promise<ReadRelation> {
  const { relation } = request.inspection.details;
  const reading = { connection, relation, readings: readingsOf(request.inspection.details), signal };
  try {
    const warnings = await freshnessOf(reading, request);
    const { bookmark, written } = await writeRelation(reading, request);
    await refuseRewritten(reading, request);
    return { ...written, bookmark, warnings };
  } catch (error) {
    rmSync(request.into, { force: true });
    throw error;
  }
}

async function freshnessOf(reading: RelationReading, request: RelationRequest): Promise<readonly string[]> {
  const { source, inspection } = request;
  const { freshness } = source;
  if (freshness === null) return [];
  const rule = { key: 'freshness.time_column', name: freshness.timeColumn } as const;
  const time = timeColumn(source, rule, inspection.details.columns);
  const newest = await newestValue(reading.connection, { ...reading, time });
  await refuseRewritten(reading, request);
  return checkFreshness(source, freshness, newest);
}

interface WrittenRelation {
  readonly written: WrittenTable;
  readonly bookmark: Bookmark | null;
}

async function writeRelation(reading: RelationReading, request: RelationRequest): Promise<WrittenRelation> {
  const { source, inspection, into } = request;
  const { incremental } = source;
  if (incremental === null) return { written: await writeAll(reading, into), bookmark: null };
  const rule = { key: 'incremental.time_column', name: incremental.timeColumn } as const;
  const time = timeColumn(source, rule, inspection.details.columns);
  const newest = await newestValue(reading.connection, { ...reading, time });
  const bookmark = newest && { table: reading.relation.id, watermark: newest.text };
  const keyed = { ...reading, source, incremental, into };
  const base = mergeBase(request);
  return { written: base ? await mergeNewRows(keyed, { ...base, time }) : await writeKeyed(keyed), bookmark };
}

/** The data to merge into; null if everything must be read. */
function mergeBase({ full, inspection }: RelationRequest): Omit<MergeBase, 'time'> | null {
  const { earlier, endpoint, details, columns } = inspection;
  if (full || !earlier?.sameDefinition || earlier.data.endpoint !== endpoint) return null;
  const { bookmark, place } = earlier.data;
  if (bookmark?.table !== details.relation.id || !sameColumns(earlier.columns, columns)) return null;
  return { place, bookmark };
}

const writeAll = ({ connection, readings, relation, signal }: RelationReading, into: string): Promise<WrittenTable> =>
  writeTable(connection, {
    query: rowsOf({ relation, readings }),
    columns: computedOf(readings),
    into,
    rowGroup: ROW_GROUP,
    signal,
  });

/** A key that repeats now would lose rows when they are merged later. */
async function writeKeyed(reading: KeyedReading): Promise<WrittenTable> {
  const written = await writeAll(reading, reading.into);
  await refuseRepeatedKeysIn(reading);
  return written;
}

/** Such tables look empty, so what was read is wrong; only another moment helps. */
async function refuseRewritten({ connection, signal }: RelationReading, { source }: RelationRequest): Promise<void> {
  const tables = await rewrittenTables(connection, signal);
  if (tables.length === 0) return;
  throw new ToolError(
    'source-changed',
    `${source.id} was created, truncated or rewritten while it was read (${tables.join(', ')}).`,
    {
      hint: 'Run the command again.',
    },
  );
}
