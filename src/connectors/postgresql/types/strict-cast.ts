import { quoteText } from '../../../engine/sql-text.ts';
import { decimalDigits } from './numeric-type.ts';
import { raisedByEngine } from './value-marker.ts';

const INTEGERS = /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;

export const isInteger = (type: string): boolean => INTEGERS.test(type);

/** A cast in DuckDB that raises an error with the value instead of rounding it, from and to types as DuckDB prints them. */
export function strictCast({
  column,
  value,
  from,
  to,
}: {
  readonly column: number;
  readonly value: string;
  readonly from: string;
  readonly to: string;
}): string {
  const tried = `TRY_CAST(${value} AS ${to})`;
  const lossy = from === 'VARCHAR' ? misfitText(value, to) : misfitValue(value, tried, { from, to });
  const failed = lossy === null ? `${tried} IS NULL` : `(${tried} IS NULL OR ${lossy})`;
  return `CASE WHEN ${value} IS NOT NULL AND ${failed} THEN ${raisedByEngine(column, value)} ELSE ${tried} END`;
}

/** DuckDB rounds '1.5' to an integer, and drops digits that a DECIMAL lacks. */
function misfitText(value: string, to: string): string | null {
  const scale = isInteger(to) ? 0 : decimalDigits(to)?.scale;
  if (scale === undefined) return null;
  return `NOT regexp_full_match(${value}, ${quoteText(`\\s*[+-]?\\d*(\\.\\d{0,${scale}}0*)?\\s*`)})`;
}

/** A value that the cast back does not restore. Floating-point types may round: the schema asked for them. */
const misfitValue = (
  value: string,
  tried: string,
  { from, to }: { readonly from: string; readonly to: string },
): string | null =>
  to === 'FLOAT' || to === 'DOUBLE' || from === 'JSON' ? null : `CAST(${tried} AS ${from}) IS DISTINCT FROM ${value}`;
