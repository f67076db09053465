import type { JsonObject } from '../../../json.ts';
import { MapReader } from '../../yaml/map-reader.ts';
import type { FreshnessRule, IncrementalReading } from '../node.ts';
import { TABLE_FORM, tableMistake } from '../table-name.ts';
import { readDuration, readNames } from './read-targets.ts';

/** The table of a server; empty if `params.query` says what to read, null if neither or both do. */
export function readServerTable(reader: MapReader, options: JsonObject): string | null {
  const query = options['query'];
  if (query === undefined) return readTable(reader);
  const table = reader.value('table');
  if (table !== null) {
    const message = "'table' and 'params.query' cannot be combined.";
    reader.add('conflicting-keys', message, reader.keySpan('table'), 'Remove one of them.');
    return null;
  }
  if (typeof query === 'string' && query.trim() !== '') return '';
  const message = "'query' must be the text of one SELECT.";
  reader.add('bad-value', message, reader.keySpan('params'), 'Write `query: SELECT …`.');
  return null;
}

function readTable(reader: MapReader): string | null {
  const table = reader.requiredText('table', 'Write `table: schema.table`, or a `query` under `params`.');
  if (table === null || table.includes('{{')) return table;
  const mistake = tableMistake(table);
  if (mistake === null) return table;
  reader.add('bad-table', mistake, reader.value('table')?.span ?? null, TABLE_FORM);
  return null;
}

/** `incremental` and `freshness` of a source on a server. */
export function readServerRules(reader: MapReader): {
  readonly incremental: IncrementalReading | null;
  readonly freshness: FreshnessRule | null;
} {
  return reader.mistakes.aside(() => ({ incremental: readIncremental(reader), freshness: readFreshness(reader) }));
}

function readIncremental(reader: MapReader): IncrementalReading | null {
  const map = reader.mapping('incremental');
  if (map === null || map.entries.length === 0) return null;
  const fields = new MapReader(map, reader.mistakes, "'incremental'");
  fields.refuseOtherKeys(['time_column', 'key', 'lookback']);
  const timeColumn = fields.requiredText('time_column', 'Write `time_column: updated_at`.');
  const key = readKey(fields);
  const lookback = readDuration(fields, 'lookback', 0);
  return timeColumn === null || key === null || lookback === null ? null : { timeColumn, key, lookback };
}

function readKey(fields: MapReader): readonly string[] | null {
  if (fields.value('key') !== null) return readNames(fields, 'key');
  const message = "'incremental' needs a 'key'.";
  fields.add('missing-key', message, fields.map.span, 'Name the columns that identify a row: `key: order_id`.');
  return null;
}

function readFreshness(reader: MapReader): FreshnessRule | null {
  const map = reader.mapping('freshness');
  if (map === null || map.entries.length === 0) return null;
  const fields = new MapReader(map, reader.mistakes, "'freshness'");
  fields.refuseOtherKeys(['time_column', 'warn_after', 'error_after']);
  const timeColumn = fields.requiredText('time_column', 'Write `time_column: order_date`.');
  const warnAfter = readDuration(fields, 'warn_after', null);
  const errorAfter = readDuration(fields, 'error_after', null);
  if (timeColumn === null) return null;
  if (warnAfter !== null || errorAfter !== null) return { timeColumn, warnAfter, errorAfter };
  if (fields.writtenText('warn_after') + fields.writtenText('error_after') !== '') return null;
  const message = "'freshness' needs 'warn_after' or 'error_after'.";
  fields.add('missing-key', message, reader.keySpan('freshness'), 'Write `warn_after: 1d`, for example.');
  return null;
}
