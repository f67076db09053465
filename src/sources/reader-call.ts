import { posix } from 'node:path';
import type { Json, JsonObject } from '../core/json.ts';
import type { Column, SourceNode } from '../core/project/node.ts';
import { literalPath, quoteName, quoteText } from '../engine/sql-text.ts';
import type { SourceFile } from './source-files.ts';

/** What decides how files are read. */
export interface FileReading extends Pick<SourceNode, 'id' | 'source' | 'options' | 'schema'> {
  /** The project's root, absolute. */
  readonly root: string;
  readonly files: readonly SourceFile[];
}

const READERS = { csv: 'read_csv', parquet: 'read_parquet', json: 'read_json', jsonl: 'read_json' } as const;

/** The query that reads a source's files with DuckDB's reader; that its columns are those of `schema` is still to be checked. */
export function readerCall(reading: FileReading): string {
  const paths = reading.files.map(file => quoteText(literalPath(file.absolute)));
  const options = Object.entries(readerOptions(reading)).map(([name, value]) => `${name} = ${literal(value)}`);
  const call = `${READERS[reading.source]}([${paths.join(', ')}]${options.map(option => `, ${option}`).join('')})`;
  return `SELECT ${starOf(reading)} FROM ${call}`;
}

/** A query whose columns are named as the files name them, whatever the schema says. */
export function namesCall(reading: FileReading): string {
  if (reading.source !== 'csv' || reading.schema === null) return readerCall(reading);
  const { types: _, ...options } = readerOptions(reading);
  return readerCall({ ...reading, schema: null, options });
}

function readerOptions({ source, options, schema }: FileReading): JsonObject {
  const given = {
    hive_partitioning: false,
    ...(source === 'jsonl' ? { format: 'newline_delimited' } : {}),
    ...options,
  };
  if (schema === null) return given;
  const types = Object.fromEntries(schema.map(column => [column.name, column.type]));
  if (source === 'csv') return csvWithSchema(given, schema, types);
  return source === 'parquet' ? given : { columns: types, ...given };
}

/** Types belong to names: those of the header, or, where there is none, those of the schema. */
function csvWithSchema(given: JsonObject, schema: readonly Column[], types: JsonObject): JsonObject {
  if ('columns' in given || 'types' in given || 'dtypes' in given || 'column_types' in given) return given;
  const named = given['header'] !== false || 'names' in given || 'column_names' in given;
  return { ...given, types, ...(named ? {} : { names: schema.map(column => column.name) }) };
}

/** Nothing above the project's root may show in the data: neither in partitions nor in file names. */
function starOf({ root, files, options }: FileReading): string {
  const above = options['hive_partitioning'] === true ? partitionsAbove(root, files) : [];
  const exclude = above.length === 0 ? '' : ` EXCLUDE (${above.map(quoteName).join(', ')})`;
  const { filename } = options;
  if (filename === undefined || filename === false) return `*${exclude}`;
  const column = quoteName(typeof filename === 'string' ? filename : 'filename');
  const prefix = `${root.replaceAll('\\', '/')}/`;
  const inside = `CASE WHEN starts_with(${column}, ${quoteText(prefix)}) THEN substr(${column}, ${prefix.length + 1}) ELSE ${column} END`;
  return `*${exclude} REPLACE (${inside} AS ${column})`;
}

const partitionKeys = (folders: readonly string[]): readonly string[] =>
  folders.flatMap(folder => /^([^=]+)=[^=]*$/.exec(folder)?.[1] ?? []);

function partitionsAbove(root: string, files: readonly SourceFile[]): readonly string[] {
  const inside = new Set(files.flatMap(file => partitionKeys(posix.dirname(file.path).split('/'))));
  const above = partitionKeys(root.replaceAll('\\', '/').split('/'));
  const read = files.some(file => file.absolute.startsWith(root));
  return read ? [...new Set(above)].filter(key => !inside.has(key)) : [];
}

function literal(value: Json): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoteText(key)}: ${literal(item)}`)
    .join(', ')}}`;
}
