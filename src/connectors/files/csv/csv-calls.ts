import type { CsvDialect } from '../../../core/definition/options/csv-dialect.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Column } from '../../../core/definition/nodes/node.ts';
import { type FileReading, readerCall } from '../reader-call.ts';

/** Options that control detection, which is not needed once dialect and columns are known. */
const DETECTION = [
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

/** A query with a known dialect and columns and no detection; a line that does not fit is an error with its number. */
export function exactCall(reading: FileReading, dialect: CsvDialect, columns: readonly Column[]): string {
  const given = Object.entries(reading.options).filter(([name]) => !DETECTION.includes(name));
  const options = {
    ...dialectOptions(dialect),
    ...(Object.fromEntries(given) as JsonObject),
    auto_detect: false,
    columns: Object.fromEntries(columns.map(({ name, type }): [string, Json] => [name, type])),
  };
  return readerCall({ ...reading, schema: null, options });
}

/** A query with a known dialect in which DuckDB detects the columns; `types` fixes the types of some. */
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
