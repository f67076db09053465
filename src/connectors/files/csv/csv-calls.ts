import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import { type FileReading, readerCall } from '../reader-call.ts';

/** Options that only help DuckDB to find what is known by then. */
const FINDING = [
  'all_varchar',
  'auto_type_candidates',
  'column_names',
  'column_types',
  'dtypes',
  'files_to_sniff',
  'names',
  'normalize_names',
  'sample_size',
  'types',
  'union_by_name',
];

/** Reads files exactly as they were read before: a line that does not fit is an error with its number. */
export function exactCall(reading: FileReading, dialect: CsvDialect, columns: readonly Column[]): string {
  const given = Object.entries(reading.options).filter(([name]) => !FINDING.includes(name));
  const options = {
    ...dialectOptions(dialect),
    ...(Object.fromEntries(given) as JsonObject),
    auto_detect: false,
    columns: Object.fromEntries(columns.map(({ name, type }): [string, Json] => [name, type])),
  };
  return readerCall({ ...reading, schema: null, options });
}

/** Reads files with the dialect that is known, but lets DuckDB look for their columns; `types` are given to those that have them. */
export function guidedCall(reading: FileReading, dialect: CsvDialect, types: readonly Column[] = []): string {
  const given = ['types', 'dtypes', 'column_types', 'columns', 'all_varchar'].some(name => name in reading.options);
  const wanted = Object.fromEntries(types.map(({ name, type }): [string, Json] => [name, type]));
  const options = {
    ...dialectOptions(dialect),
    ...reading.options,
    ...(given || types.length === 0 ? {} : { types: wanted }),
  };
  return readerCall({ ...reading, schema: null, options });
}

function dialectOptions({
  delim,
  quote,
  escape,
  comment,
  skip,
  header,
  dateFormat,
  timestampFormat,
}: CsvDialect): JsonObject {
  return {
    ...{ delim, quote: quote ?? '"', escape: escape ?? quote ?? '"', skip, header },
    ...(comment === null ? {} : { comment }),
    ...(dateFormat === null ? {} : { dateformat: dateFormat }),
    ...(timestampFormat === null ? {} : { timestampformat: timestampFormat }),
  };
}
