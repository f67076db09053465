import { decimalOf, isRecord, listOf } from './column-types.ts';

/** Types that are more than text: a node's column needs the matching type. All other types take a VARCHAR. */
const EXACT =
  /^(?:(?:boolean|smallint|integer|bigint|real|double precision|numeric|json|jsonb|bytea|uuid|date|interval)(?![a-z])|(?:time|timestamp)(?:\(\d\))? without|timestamp(?:\(\d\))? with)/;

/** Decimal digits of whole numbers, and the types of PostgreSQL that hold them. */
const WHOLE: Readonly<Record<string, { readonly digits: number; readonly bytes: number }>> = {
  TINYINT: { digits: 3, bytes: 2 },
  UTINYINT: { digits: 3, bytes: 2 },
  SMALLINT: { digits: 5, bytes: 2 },
  USMALLINT: { digits: 5, bytes: 4 },
  INTEGER: { digits: 10, bytes: 4 },
  UINTEGER: { digits: 10, bytes: 8 },
  BIGINT: { digits: 19, bytes: 8 },
  UBIGINT: { digits: 20, bytes: 16 },
};
const BYTES: Readonly<Record<string, number>> = { smallint: 2, integer: 4, bigint: 8 };

/** Types of PostgreSQL for the other scalars, without precision. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['boolean'],
  FLOAT: ['real', 'double precision'],
  DOUBLE: ['double precision'],
  JSON: ['jsonb', 'json', 'text'],
  BLOB: ['bytea'],
  UUID: ['uuid'],
  DATE: ['date'],
  TIME: ['time without time zone'],
  'TIME WITH TIME ZONE': ['time with time zone'],
  TIMESTAMP: ['timestamp without time zone'],
  TIMESTAMP_NS: ['timestamp without time zone'],
  'TIMESTAMP WITH TIME ZONE': ['timestamp with time zone'],
};

/**
 * Whether a column of PostgreSQL can hold every value of a stored type. Lengths of text and precisions of times do not
 * count: no type of DuckDB has them, so values are checked when they are written. Types of PostgreSQL are base types as
 * `format_type` prints them.
 */
export function holds(table: string, type: string): boolean {
  const isDocument = table === 'jsonb' || table === 'json';
  if (isRecord(type)) return isDocument;
  const list = listOf(type);
  if (list === null) return false;
  if (list.depth === 0) return holdsScalar(table, type);
  return isDocument || (table.endsWith('[]') && holdsScalar(table.slice(0, -2), list.element));
}

function holdsScalar(table: string, type: string): boolean {
  const whole = WHOLE[type];
  if (whole) return (BYTES[table] ?? 0) >= whole.bytes || holdsDigits(table, whole.digits, 0);
  const decimal = decimalOf(type);
  if (decimal) return holdsDecimal(table, decimal.width, decimal.scale);
  if (type === 'VARCHAR') return !EXACT.test(table) && !table.endsWith('[]');
  if (type === 'INTERVAL') return table.startsWith('interval');
  return SAME[type]?.includes(table.replace(/\(\d\)/, '')) ?? false;
}

function holdsDecimal(table: string, width: number, scale: number): boolean {
  const bytes = width <= 4 ? 2 : width <= 9 ? 4 : width <= 18 ? 8 : 16;
  return (scale === 0 && (BYTES[table] ?? 0) >= bytes) || holdsDigits(table, width - scale, scale);
}

/** Whether a `numeric` has room for so many digits before and after the point. */
function holdsDigits(table: string, before: number, after: number): boolean {
  if (table === 'numeric') return true;
  const room = decimalOf(table);
  return room !== null && room.scale >= after && room.width - room.scale >= before;
}
