/** Types of DuckDB, as it prints them, whose values the extension writes exactly to this type of PostgreSQL. */
const SCALARS: ReadonlyMap<string, string> = new Map([
  ['BOOLEAN', 'boolean'],
  ['TINYINT', 'smallint'],
  ['SMALLINT', 'smallint'],
  ['INTEGER', 'integer'],
  ['BIGINT', 'bigint'],
  ['UTINYINT', 'smallint'],
  ['USMALLINT', 'integer'],
  ['UINTEGER', 'bigint'],
  ['UBIGINT', 'numeric(20,0)'],
  ['FLOAT', 'real'],
  ['DOUBLE', 'double precision'],
  ['VARCHAR', 'text'],
  ['JSON', 'jsonb'],
  ['BLOB', 'bytea'],
  ['UUID', 'uuid'],
  ['DATE', 'date'],
  ['TIME', 'time without time zone'],
  ['TIME WITH TIME ZONE', 'time with time zone'],
  ['TIMESTAMP', 'timestamp without time zone'],
  ['TIMESTAMP_NS', 'timestamp without time zone'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp with time zone'],
  ['INTERVAL', 'interval'],
]);

/** Width and scale of a DECIMAL of DuckDB or a bounded `numeric` of PostgreSQL; null for all other types. */
export function decimalOf(type: string): { readonly width: number; readonly scale: number } | null {
  const match = /^(?:DECIMAL|numeric)\((\d+),(-?\d+)\)$/.exec(type);
  return match && { width: Number(match[1]), scale: Number(match[2]) };
}

/** The scalar type within lists and how deeply it is nested; null for a type that contains structs or maps. */
export function listOf(type: string): { readonly element: string; readonly depth: number } | null {
  const brackets = /(?:\[\d*\])*$/.exec(type)?.[0] ?? '';
  const element = type.slice(0, type.length - brackets.length);
  if (postgresScalar(element) === null) return null;
  return { element, depth: brackets.split(']').length - 1 };
}

/** The type of PostgreSQL for a stored scalar type; null if there is none. */
export function postgresScalar(type: string): string | null {
  const decimal = decimalOf(type);
  return decimal ? `numeric(${decimal.width},${decimal.scale})` : (SCALARS.get(type) ?? null);
}

/** Whether a type is a struct or a map, or a list that contains one. */
export const isRecord = (type: string): boolean => /^(?:STRUCT|MAP)\(/.test(type);

/**
 * The type of a column in a table that Seeknal creates, as `format_type` prints it. Lists of lists may be ragged, which no
 * array of PostgreSQL can be, so they become `jsonb`, as structs and maps do. null for a type that cannot be written.
 */
export function postgresType(type: string): string | null {
  if (isRecord(type)) return 'jsonb';
  const list = listOf(type);
  if (list === null) return null;
  if (list.depth > 1) return 'jsonb';
  // A list of depth 0 or 1 has an element type: `listOf` returned it.
  return postgresScalar(list.element)! + (list.depth === 1 ? '[]' : '');
}
