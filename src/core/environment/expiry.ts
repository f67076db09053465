/** All times in milliseconds since 1970, so that no time zone and no change of clocks matters. */
export interface Lifetime {
  readonly usedAt: number;
  /** null never. */
  readonly expiresAt: number | null;
  readonly expired: boolean;
}

/** How long an environment lives since its last use; a `ttl` of 0 is for ever, and a use in the future counts as now. */
export function lifetimeOf({ usedAt, ttl }: { readonly usedAt: number; readonly ttl: number }, now: number): Lifetime {
  const used = Math.min(usedAt, now);
  const expiresAt = ttl > 0 ? used + ttl : null;
  return { usedAt: used, expiresAt, expired: expiresAt !== null && expiresAt <= now };
}
