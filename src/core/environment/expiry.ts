/** All times in milliseconds since 1970, independent of time zones and daylight saving. */
export interface Lifetime {
  readonly usedAt: number;
  /** null: never expires. */
  readonly expiresAt: number | null;
  readonly expired: boolean;
}

/** Lifetime of an environment since its last use. A `ttl` of 0 never expires; a use in the future counts as now. */
export function lifetimeOf({ usedAt, ttl }: { readonly usedAt: number; readonly ttl: number }, now: number): Lifetime {
  const used = Math.min(usedAt, now);
  const expiresAt = ttl > 0 ? used + ttl : null;
  return { usedAt: used, expiresAt, expired: expiresAt !== null && expiresAt <= now };
}
