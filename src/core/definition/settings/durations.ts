const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** Milliseconds of `7d`, `12h`, `30m`, `45s` or a number of days; null for anything else, including zero. */
export function parseDuration(value: string | number): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([dhms])?$/.exec(String(value).trim());
  const unit = UNIT_MS[match?.[2] ?? 'd'];
  const amount = Number(match?.[1]);
  if (!match || unit === undefined || !(amount > 0)) return null;
  const total = Math.round(amount * unit);
  return Number.isSafeInteger(total) ? total : null;
}

/** A lifetime in milliseconds, as above; 0 = never expires. */
export const parseLifetime = (value: string | number): number | null =>
  /^0[dhms]?$/.test(String(value).trim()) ? 0 : parseDuration(value);
