import { didYouMean } from '../../../../diagnostics/suggest.ts';
import { parseLifetime } from '../../settings/durations.ts';
import { MapReader } from '../../yaml/map-reader.ts';
import type { Span, Tree } from '../../yaml/yaml-tree.ts';
import { TABLE_FORM, tableMistake } from '../table-name.ts';
import type { TargetDefinition, WriteMode } from '../target-definition.ts';

const TYPES = ['postgresql', 'postgres', 'iceberg'];
const COMMON_KEYS = ['type', 'connection', 'table', 'mode', 'create_table', 'enabled'];
const KEYS: Readonly<Record<TargetDefinition['type'], readonly string[]>> = {
  postgresql: [...COMMON_KEYS, 'unique_keys', 'time_column', 'lookback', 'cascade'],
  iceberg: [...COMMON_KEYS, 'partition_by', 'sort_by', 'keep_snapshots'],
};
const FORM = 'Write `- { type: postgresql, connection: local_pg, table: analytics.orders, mode: full }`.';

/** Enabled entries of `materializations:`, or the one of `materialization:`. */
export function readTargets(reader: MapReader): readonly TargetDefinition[] {
  const single = reader.value('materialization');
  if (single && reader.value('materializations')) {
    const message = "'materialization' and 'materializations' cannot be combined.";
    reader.add('conflicting-keys', message, reader.keySpan('materialization'), 'Use `materializations`, a list.');
    return [];
  }
  const items = single ? [single] : (reader.list('materializations')?.items ?? []);
  const targets = items.flatMap(item => (isNull(item) ? [] : (readTarget(reader, item) ?? [])));
  return targets.filter((target, index) => !isRepeated(reader, targets.slice(0, index), target));
}

const isNull = (tree: Tree): boolean => tree.kind === 'scalar' && tree.value === null;

function isRepeated(reader: MapReader, before: readonly TargetDefinition[], target: TargetDefinition): boolean {
  const { type, connection, table, at } = target;
  const same = before.some(other => other.type === type && other.connection === connection && other.table === table);
  const span = at && { at, length: 1 };
  if (same) reader.add('duplicate-target', `${table} on '${connection}' is listed twice.`, span, 'Remove one of them.');
  return same;
}

/** null if the entry is disabled or cannot be read. */
function readTarget(reader: MapReader, item: Tree): TargetDefinition | null {
  if (item.kind !== 'map') {
    reader.add('wrong-type', 'A target must be a mapping.', item.span ?? reader.keySpan('materializations'), FORM);
    return null;
  }
  const entry = new MapReader(item, reader.mistakes, 'a target');
  const type = readType(entry);
  if (type === null) return null;
  entry.refuseOtherKeys(KEYS[type]);
  if (readFlag(entry, 'enabled', true) === false) return null;
  if (type === 'iceberg') {
    const span = entry.value('type')?.span ?? item.span;
    entry.add('not-yet-supported', "Targets of type 'iceberg' are not supported yet.", span, 'Set `enabled: false`.');
    return null;
  }
  return readPostgres(entry, item.span);
}

function readPostgres(entry: MapReader, span: Span | null): TargetDefinition | null {
  const connection = entry.requiredText('connection', 'Name a connection of the profile: `connection: local_pg`.');
  const table = readTable(entry);
  const mode = readMode(entry);
  const createTable = readFlag(entry, 'create_table', true);
  const cascade = readCascade(entry, mode);
  if (connection === null || table === null || mode === null) return null;
  return { type: 'postgresql', connection, table, mode, createTable, cascade, at: span?.at ?? null };
}

function readType(entry: MapReader): TargetDefinition['type'] | null {
  const text = entry.label('type');
  if (text === null) {
    if (entry.value('type') !== null) return null;
    if (entry.value('connection') === null) return 'iceberg';
    const hint = 'Write `type: postgresql`.';
    entry.add('missing-key', "A target with a 'connection' needs a 'type'.", entry.keySpan('connection'), hint);
    return null;
  }
  const type = TYPES.find(known => known === text);
  if (type) return type === 'iceberg' ? 'iceberg' : 'postgresql';
  const hint = didYouMean(text, TYPES, 'Known types: postgresql, iceberg.');
  entry.add('unknown-target-type', `Unknown target type '${text}'.`, entry.value('type')?.span ?? null, hint);
  return null;
}

function readTable(entry: MapReader): string | null {
  const table = entry.requiredText('table', 'Write the table as `table: schema.table`.');
  if (table === null || table.includes('{{')) return table;
  const mistake = tableMistake(table);
  if (mistake === null) return table;
  entry.add('bad-table', mistake, entry.value('table')?.span ?? null, TABLE_FORM);
  return null;
}

const MODES = ['full', 'overwrite', 'append', 'incremental_by_time', 'upsert_by_key'];

function readMode(entry: MapReader): WriteMode | null {
  const text = entry.label('mode') ?? 'full';
  const belongs = modeKeys(entry, text);
  switch (text) {
    case 'full':
    case 'overwrite':
      return { kind: 'replace' };
    case 'append':
      return { kind: 'append' };
    case 'upsert_by_key':
      return belongs ? readKeys(entry) : null;
    case 'incremental_by_time':
      return belongs ? readPeriod(entry) : null;
    default:
      entry.add(
        'bad-value',
        `Unknown mode '${text}'.`,
        entry.value('mode')?.span ?? null,
        didYouMean(text, MODES, `Modes: ${MODES.join(', ')}.`),
      );
      return null;
  }
}

const MODE_OF_KEY = {
  unique_keys: 'upsert_by_key',
  time_column: 'incremental_by_time',
  lookback: 'incremental_by_time',
} as const;

/** Refuses keys that the mode does not read; returns whether the mode has the key that it needs. */
function modeKeys(entry: MapReader, mode: string): boolean {
  const needed = mode === 'upsert_by_key' ? 'unique_keys' : mode === 'incremental_by_time' ? 'time_column' : null;
  for (const [key, owner] of Object.entries(MODE_OF_KEY)) {
    if (owner === mode || entry.value(key) === null || !MODES.includes(mode)) continue;
    const hint = `Remove '${key}', or write \`mode: ${owner}\`.`;
    entry.add('conflicting-keys', `'${key}' belongs to mode ${owner}, not ${mode}.`, entry.keySpan(key), hint);
  }
  if (needed === null || entry.value(needed) !== null) return true;
  const example = needed === 'unique_keys' ? '`unique_keys: [order_id]`' : '`time_column: order_date`';
  entry.add('missing-key', `Mode ${mode} needs '${needed}'.`, entry.keySpan('mode'), `Write ${example}.`);
  return false;
}

/** Only mode `full` can make a table again from the rows of the node. */
function readCascade(entry: MapReader, mode: WriteMode | null): boolean {
  const cascade = readFlag(entry, 'cascade', false);
  if (!cascade || mode === null || mode.kind === 'replace') return cascade;
  const message = `'cascade' belongs to mode full, not ${entry.writtenText('mode')}.`;
  entry.add('conflicting-keys', message, entry.keySpan('cascade'), "Remove 'cascade', or write `mode: full`.");
  return false;
}

function readKeys(entry: MapReader): WriteMode | null {
  const keys = readNames(entry, 'unique_keys');
  return keys === null ? null : { kind: 'upsert', keys };
}

/** A list of column names, at least one; a single text counts as a list. */
export function readNames(entry: MapReader, key: string): readonly string[] | null {
  const value = entry.value(key);
  const items = value?.kind === 'scalar' ? [value] : (entry.list(key)?.items ?? []);
  const names = items.flatMap(item => (item.kind === 'scalar' && item.value !== null ? [item.written.trim()] : []));
  const distinct = new Set(names.map(name => name.toLowerCase()));
  if (names.length > 0 && names.length === items.length && distinct.size === names.length && !names.includes(''))
    return names;
  entry.add('bad-value', `'${key}' must list different columns.`, value?.span ?? null, `Write \`${key}: [order_id]\`.`);
  return null;
}

function readPeriod(entry: MapReader): WriteMode | null {
  const timeColumn = entry.requiredText('time_column', 'Write `time_column: order_date`.');
  const lookback = readDuration(entry, 'lookback', 0);
  return timeColumn === null || lookback === null ? null : { kind: 'replace-period', timeColumn, lookback };
}

/** Milliseconds of a duration such as `7d`; `otherwise` if the key is absent, null if it is wrong. */
export function readDuration<Otherwise extends number | null>(
  entry: MapReader,
  key: string,
  otherwise: Otherwise,
): number | null | Otherwise {
  const text = entry.label(key);
  if (text === null) return otherwise;
  const value = parseLifetime(text);
  if (value !== null) return value;
  const message = `'${text}' is not a valid duration.`;
  entry.add(
    'bad-value',
    message,
    entry.value(key)?.span ?? null,
    'Write a duration such as 7d, 12h or 30m, or a number of days.',
  );
  return null;
}

function readFlag(entry: MapReader, key: string, otherwise: boolean): boolean {
  const value = entry.value(key);
  if (value === null) return otherwise;
  if (value.kind === 'scalar' && typeof value.value === 'boolean') return value.value;
  entry.refuseValue(key, value, 'true or false', `Write \`${key}: ${otherwise}\`.`);
  return otherwise;
}
