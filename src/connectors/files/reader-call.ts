import { posix } from 'node:path';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Column, SourceNode } from '../../core/definition/nodes/node.ts';
import type { EarlierReading } from '../../core/plan/sources/source-inspection.ts';
import { literalPath, quoteName, quoteText } from '../../engine/sql-text.ts';
import { isReadersToGive, partitionColumns, partitionExpressions } from './partitions.ts';
import type { SourceFile } from './source-files.ts';

/** What decides how files are read. */
export interface FileReading extends Pick<
  SourceNode,
  'id' | 'file' | 'source' | 'options' | 'schema' | 'onSchemaChange'
> {
  readonly earlier?: EarlierReading;
  /** The project's root, absolute. */
  readonly root: string;
  readonly files: readonly SourceFile[];
}

const READERS = { csv: 'read_csv', parquet: 'read_parquet', json: 'read_json', jsonl: 'read_json' } as const;

/** The query that reads a source's files with DuckDB's reader; that its columns are those of `schema` is still to be checked. */
export function readerCall(reading: FileReading): string {
  const paths = filesWithContent(reading).map(file => quoteText(literalPath(file.absolute)));
  const given = { ...readerOptions(reading), ...partitionOptions(reading) };
  const known = Object.entries(given).filter(([name]) => !isTypeOfPartitions(name) || given.hive_partitioning);
  const options = known.map(([name, value]) => `${name} = ${literal(value)}`);
  const call = `${READERS[reading.source]}([${paths.join(', ')}]${options.map(option => `, ${option}`).join('')})`;
  return shownColumns(reading, call);
}

/** An empty CSV file before others would hide their header. */
function filesWithContent({ source, files }: FileReading): readonly SourceFile[] {
  const filled = files.filter(file => file.size > 0);
  return source === 'csv' && filled.length > 0 ? filled : files;
}

/** A query whose columns are named as the files name them, whatever the schema says. */
export function namesCall(reading: FileReading): string {
  const { types: _types, columns: _columns, ...options } = readerOptions(reading);
  const { columns } = reading.options;
  const names = columns === undefined ? keysOnly(reading) : { columns };
  return readerCall({ ...reading, schema: null, options: { ...options, ...names } });
}

/** Every key of every object is found, and no value is looked into. */
function keysOnly({ source, files }: FileReading): JsonObject {
  if (source !== 'json' && source !== 'jsonl') return {};
  const everywhere = { sample_size: -1, maximum_sample_files: files.length, union_by_name: true };
  return { auto_detect: true, maximum_depth: 1, ...everywhere, ...NO_MAPS };
}

/** Objects with many or rare keys stay objects. */
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
  if (isReadersToGive(reading)) return { hive_partitioning: true };
  const { filename } = reading.options;
  const path = filename === undefined || filename === false ? { filename: OWN_PATH } : {};
  return { hive_partitioning: false, ...path };
}

/** Where the reader does not give the partitions, it is not told of their types either. */
const isTypeOfPartitions = (option: string): boolean => option.startsWith('hive_types');

/** DuckDB takes what follows a `?` for a part of a URL, and misses the ending of the file. */
export function compressionOf({ source, files }: FileReading): JsonObject {
  const path = files[0]?.absolute ?? '';
  if (source === 'parquet' || !path.includes('?')) return {};
  const compression = { '.gz': 'gzip', '.zst': 'zstd' }[posix.extname(path)];
  return compression === undefined ? {} : { compression };
}

/** What the reader adds by itself, such as the file's name, has no type to be given. */
export function columnsInFiles(reading: FileReading, schema: readonly Column[]): readonly Column[] {
  const { filename } = reading.options;
  const added = new Set(partitionColumns(reading).map(key => key.toLowerCase()));
  if (filename !== undefined && filename !== false) added.add(filenameColumn(filename).toLowerCase());
  return schema.filter(column => !added.has(column.name.toLowerCase()));
}

const filenameColumn = (filename: Json): string => (typeof filename === 'string' ? filename : 'filename');

/** Types belong to names: those of the header, or, where there is none, those of the schema. */
function csvWithSchema(given: JsonObject, schema: readonly Column[], types: JsonObject): JsonObject {
  if ('columns' in given || 'types' in given || 'dtypes' in given || 'column_types' in given) return given;
  const named = given['header'] !== false || 'names' in given || 'column_names' in given;
  return { ...given, types, ...(named ? {} : { names: schema.map(column => column.name) }) };
}

/** Nothing above the project's root may show in the data: neither in partitions nor in file names. */
function shownColumns(reading: FileReading, call: string): string {
  const { filename } = reading.options;
  const asked = filename !== undefined && filename !== false;
  const named = asked ? filenameColumn(filename) : OWN_PATH;
  const below = asked ? ` REPLACE (${pathBelow(reading.root, named)} AS ${quoteName(named)})` : '';
  const columns = partitionColumns(reading);
  if (columns.length === 0 || isReadersToGive(reading)) return `SELECT *${below} FROM ${call}`;
  const inFiles = [...columns, ...(asked ? [] : [OWN_PATH])].map(name => quoteText(name.toLowerCase()));
  const path = asked ? `${quoteName(named)} AS ${quoteName(OWN_PATH)}, ` : '';
  const rest = asked ? [...inFiles, quoteText(OWN_PATH)] : inFiles;
  const outer = `SELECT COLUMNS(c -> lower(c) NOT IN (${rest.join(', ')})), ${partitionExpressions(reading, OWN_PATH).join(', ')}`;
  return `${outer} FROM (SELECT ${path}*${below} FROM ${call})`;
}

/** The path of a file, as a column that only the reading sees. */
const OWN_PATH = 'seeknal:path';

function pathBelow(root: string, name: string): string {
  const column = quoteName(name);
  const prefix = `${root.replaceAll('\\', '/')}/`;
  return `CASE WHEN starts_with(${column}, ${quoteText(prefix)}) THEN substr(${column}, ${prefix.length + 1}) ELSE ${column} END`;
}

/** A value of an option, as SQL. */
export function literal(value: Json): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoteText(key)}: ${literal(item)}`)
    .join(', ')}}`;
}
