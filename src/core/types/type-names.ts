/** Names of DuckDB's types, the usual ones first; for suggestions. */
export const TYPE_NAMES: readonly string[] = [
  'VARCHAR',
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'DATE',
  'TIMESTAMP',
  'BOOLEAN',
  'DECIMAL',
  'TIME',
  'TIMESTAMPTZ',
  'INTERVAL',
  'SMALLINT',
  'TINYINT',
  'HUGEINT',
  'FLOAT',
  'REAL',
  'UUID',
  'BLOB',
  'JSON',
  'STRING',
  'TEXT',
  'NUMERIC',
  'INT',
  'BOOL',
  'DATETIME',
  'STRUCT',
  'MAP',
];

const PHYSICAL: Readonly<Record<string, string>> = {
  INT8: 'TINYINT',
  INT16: 'SMALLINT',
  INT32: 'INTEGER',
  INT64: 'BIGINT',
  INT128: 'HUGEINT',
  UINT8: 'UTINYINT',
  UINT16: 'USMALLINT',
  UINT32: 'UINTEGER',
  UINT64: 'UBIGINT',
  BOOL: 'BOOLEAN',
};

/** Internal type names in DuckDB's messages. */
export const plainType = (type: string): string => PHYSICAL[type] ?? type;
