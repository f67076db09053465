import type { SourceType } from '../nodes/node.ts';

const HIVE = ['hive_partitioning', 'hive_types', 'hive_types_autocast', 'union_by_name', 'filename'];
const CSV = [
  'all_varchar',
  'allow_quoted_nulls',
  'auto_detect',
  'auto_type_candidates',
  'buffer_size',
  'column_names',
  'column_types',
  'columns',
  'comment',
  'compression',
  'dateformat',
  'decimal_separator',
  'delim',
  'delimiter',
  'dtypes',
  'encoding',
  'escape',
  'files_to_sniff',
  'force_not_null',
  'header',
  'ignore_errors',
  'max_line_size',
  'maximum_line_size',
  'names',
  'new_line',
  'normalize_names',
  'null_padding',
  'nullstr',
  'parallel',
  'quote',
  'sample_size',
  'sep',
  'skip',
  'strict_mode',
  'thousands',
  'timestampformat',
  'types',
];
const PARQUET = ['binary_as_string', 'can_have_nan', 'compression', 'file_row_number', 'parquet_version'];
const JSON_OPTIONS = [
  'auto_detect',
  'columns',
  'compression',
  'convert_strings_to_integers',
  'date_format',
  'dateformat',
  'field_appearance_threshold',
  'format',
  'ignore_errors',
  'map_inference_threshold',
  'maximum_depth',
  'maximum_object_size',
  'maximum_sample_files',
  'records',
  'sample_size',
  'timestamp_format',
  'timestampformat',
];

/** Settings of a connection that a source may replace. */
export const SERVER_SETTINGS: readonly string[] = [
  'host',
  'port',
  'database',
  'user',
  'password',
  'schema',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
];

/** The options that `params` of a source may name: DuckDB's reader options, or a server and a query. */
export const READER_OPTIONS: Readonly<Record<SourceType, readonly string[]>> = {
  csv: [...HIVE, ...CSV],
  parquet: [...HIVE, ...PARQUET],
  json: [...HIVE, ...JSON_OPTIONS],
  jsonl: [...HIVE, ...JSON_OPTIONS],
  postgresql: ['query', 'connection', ...SERVER_SETTINGS],
};

/** Why an option of DuckDB is refused; null if it is not. */
export function refusedOption(name: string): string | null {
  return Object.hasOwn(REFUSED, name) ? (REFUSED[name] ?? null) : null;
}

const REJECTS = 'it stores rejected lines in tables that no query can read; use ignore_errors';
const REFUSED: Readonly<Record<string, string>> = {
  store_rejects: REJECTS,
  rejects_table: REJECTS,
  rejects_scan: REJECTS,
  rejects_limit: REJECTS,
  encryption_config: 'definitions are stored, and must not contain a key',
  explicit_cardinality: 'it declares a number of rows, which would not be checked',
  debug_use_openssl: 'it does not affect the data',
  schema: "declare the columns under the source's own key 'schema'",
};

/** DuckDB's name for an option. */
export function optionName(key: string): string {
  const name = key.toLowerCase();
  return name === 'delimiter' || name === 'sep' ? 'delim' : name;
}
