import { isExactNumber } from '../exact-number.ts';
import type { Json } from '../json.ts';
import { plainText } from './resolve-value.ts';

/** The place of a value in SQL. */
export type SqlPlace = 'bare' | 'text' | 'escaped-text' | 'quoted-name' | 'dollar-text';

/** A value as it must be written at a place in SQL: escaped within quotes, else unchanged. Elements of a list become literals. */
export function renderInSql(value: Json, place: SqlPlace): string {
  if (place === 'bare') return bare(value);
  const text = plainText(value);
  if (place === 'text') return text.replaceAll("'", "''");
  if (place === 'escaped-text') return text.replaceAll('\\', '\\\\').replaceAll("'", "''");
  return place === 'quoted-name' ? text.replaceAll('"', '""') : text;
}

function bare(value: Json): string {
  if (value === null) return 'NULL';
  if (isExactNumber(value)) return sqlNumber(value.$number);
  return Array.isArray(value) ? value.map(literal).join(', ') : plainText(value);
}

function literal(value: Json): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : bare(value);
}

/** DuckDB does not support hexadecimal or octal numbers. */
const sqlNumber = (written: string): string => (/^0[xo]/i.test(written) ? String(BigInt(written)) : written);
