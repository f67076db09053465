import { posix } from 'node:path';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Column, FileSourceType, SourceNode } from '../../core/definition/nodes/node.ts';
import type { EarlierReading } from '../../core/plan/sources/source-inspection.ts';
import { literalPath, quoteName, quoteText } from '../../engine/sql-text.ts';
import { hasReaderPartitions, partitionColumns, partitionExpressions } from './partitions.ts';
import type { SourceFile } from './source-files.ts';

/** Everything that determines how files are read. */
export interface FileReading extends Pick<SourceNode, 'id' | 'file' | 'options' | 'schema' | 'onSchemaChange'> {
  readonly source: FileSourceType;
  readonly earlier?: EarlierReading;
  /** The project's root, absolute. */
  readonly root: string;
  readonly files: readonly SourceFile[];
}

const READERS = { csv: 'read_csv', parquet: 'read_parquet', json: 'read_json', jsonl: 'read_json' } as const;

/** A query that reads a source's files with DuckDB's reader. The caller checks that its columns match `schema`. */
export function readerCall(reading: FileReading): string {
  const paths = filesWithContent(reading).map(file => quoteText(literalPath(file.absolute)));
  const given = { ...readerOptions(reading), ...partitionOptions(reading) };
  const known = Object.entries(given).filter(([name]) => !isTypeOfPartitions(name) || given.hive_partitioning);
  const options = known.map(([name, value]) => `${name} = ${literal(value)}`);
  const call = `${READERS[reading.source]}([${paths.join(', ')}]${options.map(option => `, ${option}`).join('')})`;
  return shownColumns(reading, call);
}

/** Skips empty CSV files: an empty first file would hide the header of the others. */
function filesWithContent({ source, files }: FileReading): readonly SourceFile[] {
  const filled = files.filter(file => file.size > 0);
  return source === 'csv' && filled.length > 0 ? filled : files;
}

/** A query with the column names of the files; ignores the schema. */
export function namesCall(reading: FileReading): string {
  const { types: _types, columns: _columns, ...options } = readerOptions(reading);
  const { columns } = reading.options;
  const names = columns === undefined ? keysOnly(reading) : { columns };
  return readerCall({ ...reading, schema: null, options: { ...options, ...names } });
}

/** Options that find every key of every JSON object without parsing nested values. */
function keysOnly({ source, files }: FileReading): JsonObject {
  if (source !== 'json' && source !== 'jsonl') return {};
  const everywhere = { sample_size: -1, maximum_sample_files: files.length, union_by_name: true };
  return { auto_detect: true, maximum_depth: 1, ...everywhere, ...NO_MAPS };
}

/** Keeps objects with many or rare keys as structs. */
const NO_MAPS = { map_inference_threshold: -1, field_appearance_threshold: 0 };

function readerOptions(reading: FileReading): JsonObject {
  const { source } = reading;
  const given = {
    ...compressionOf(reading),
    ...(source === 'jsonl' ? { format: 'newline_delimited' } : {}),
    ...reading.options,
  };
  const schema = reading.schema === null ? null : columnsInFiles(reading, reading.schema);
  if (schema === null || source === 'parquet') return given;
  const types = Object.fromEntries(schema.map(column => [column.name, column.type]));
  return source === 'csv' ? csvWithSchema(given, schema, types) : { columns: types, ...given };
}

function partitionOptions(reading: FileReading): JsonObject & { readonly hive_partitioning: boolean } {
  if (partitionColumns(reading).length === 0) return { hive_partitioning: false };
  if (hasReaderPartitions(reading)) return { hive_partitioning: true };
  const { filename } = reading.options;
  const path = filename === undefined || filename === false ? { filename: OWN_PATH } : {};
  return { hive_partitioning: false, ...path };
}

/** Options about partition types, which must be omitted if the reader does not provide the partitions. */
const isTypeOfPartitions = (option: string): boolean => option.startsWith('hive_types');

/** Sets the compression explicitly for a path with `?`, after which DuckDB does not see the file extension. */
export function compressionOf({ source, files }: FileReading): JsonObject {
  const path = files[0]?.absolute ?? '';
  if (source === 'parquet' || !path.includes('?')) return {};
  const compression = { '.gz': 'gzip', '.zst': 'zstd' }[posix.extname(path)];
  return compression === undefined ? {} : { compression };
}

/** The schema's columns without those that the reader adds itself, such as the file name. */
export function columnsInFiles(reading: FileReading, schema: readonly Column[]): readonly Column[] {
  const { filename } = reading.options;
  const added = new Set(partitionColumns(reading).map(key => key.toLowerCase()));
  if (filename !== undefined && filename !== false) added.add(filenameColumn(filename).toLowerCase());
  return schema.filter(column => !added.has(column.name.toLowerCase()));
}

const filenameColumn = (filename: Json): string => (typeof filename === 'string' ? filename : 'filename');

/** Assigns types by name: by the names in the header, or by those of the schema if there is no header. */
function csvWithSchema(given: JsonObject, schema: readonly Column[], types: JsonObject): JsonObject {
  if ('columns' in given || 'types' in given || 'dtypes' in given || 'column_types' in given) return given;
  const named = given['header'] !== false || 'names' in given || 'column_names' in given;
  return { ...given, types, ...(named ? {} : { names: schema.map(column => column.name) }) };
}

/** Keeps folders above the project root out of the data, both in partitions and in file names. */
function shownColumns(reading: FileReading, call: string): string {
  const { filename } = reading.options;
  const asked = filename !== undefined && filename !== false;
  const named = asked ? filenameColumn(filename) : OWN_PATH;
  const below = asked ? ` REPLACE (${pathBelow(reading.root, named)} AS ${quoteName(named)})` : '';
  const columns = partitionColumns(reading);
  if (columns.length === 0 || hasReaderPartitions(reading)) return `SELECT *${below} FROM ${call}`;
  const inFiles = [...columns, ...(asked ? [] : [OWN_PATH])].map(name => quoteText(name.toLowerCase()));
  const path = asked ? `${quoteName(named)} AS ${quoteName(OWN_PATH)}, ` : '';
  const rest = asked ? [...inFiles, quoteText(OWN_PATH)] : inFiles;
  const outer = `SELECT COLUMNS(c -> lower(c) NOT IN (${rest.join(', ')})), ${partitionExpressions(reading, OWN_PATH).join(', ')}`;
  return `${outer} FROM (SELECT ${path}*${below} FROM ${call})`;
}

/** Name of an internal column with the path of the file. */
const OWN_PATH = 'seeknal:path';

function pathBelow(root: string, name: string): string {
  const column = quoteName(name);
  const prefix = `${root.replaceAll('\\', '/')}/`;
  return `CASE WHEN starts_with(${column}, ${quoteText(prefix)}) THEN substr(${column}, ${prefix.length + 1}) ELSE ${column} END`;
}

/** An option value as SQL. */
export function literal(value: Json): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoteText(key)}: ${literal(item)}`)
    .join(', ')}}`;
}
