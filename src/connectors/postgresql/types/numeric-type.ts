/** Digits of a DECIMAL. */
export interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** The widest DECIMAL of DuckDB. */
export const MOST_DIGITS = 38;

/** How a `numeric` is stored that declares no digits, or too many. */
const UNBOUNDED: Digits = { precision: MOST_DIGITS, scale: 9 };

/** Digits of a DECIMAL that holds a `numeric` column, and whether its declaration guarantees that every digit fits. */
export function digitsOf(modifier: number): Digits & { readonly bounded: boolean } {
  if (modifier < 0) return { ...UNBOUNDED, bounded: false };
  const declared = (modifier - 4) >> 16;
  // Eleven bits with a sign: a negative scale rounds before the decimal point.
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  const precision = Math.max(declared - Math.min(scale, 0), scale);
  if (precision > MOST_DIGITS) return { ...UNBOUNDED, bounded: false };
  return { precision, scale: Math.max(scale, 0), bounded: true };
}

/**
 * A condition for the server: the value has other digits than a DECIMAL holds, or is not a number (NaN is greater than any).
 * Rounds only values with too many digits, which saves a third of the server's time.
 */
export function misfitDigits(value: string, { precision, scale }: Digits): string {
  const limit = `1e${precision - scale}`;
  const isWide = `NOT (${value} > -${limit} AND ${value} < ${limit})`;
  return `${isWide} OR (scale(${value}) > ${scale} AND ${value} <> round(${value}, ${scale}))`;
}

/** The digits of a DECIMAL as DuckDB prints it; null for other types. */
export function decimalDigits(type: string): Digits | null {
  const found = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return found ? { precision: Number(found[1]), scale: Number(found[2]) } : null;
}
