/** How much of a history is kept: so many generations, or those of so many days, whichever is more. */
export interface Retention {
  readonly generations: number;
  readonly days: number;
}

export interface DatedGeneration {
  readonly serial: number;
  /** Milliseconds since 1970; null where it cannot be read, which is no reason to keep it. */
  readonly at: number | null;
}

const DAY_MS = 86_400_000;

/**
 * The serials of one history that are kept. What is kept has no gaps: order is by serial, so a clock that was wrong once
 * cannot take a generation out of the middle.
 */
export function keptSerials(history: readonly DatedGeneration[], retention: Retention, now: number): readonly number[] {
  const latestFirst = [...history].sort((a, b) => b.serial - a.serial);
  const since = now - retention.days * DAY_MS;
  const young = latestFirst.findLastIndex(({ at }) => at !== null && at > since);
  return latestFirst.slice(0, Math.max(retention.generations, young + 1)).map(({ serial }) => serial);
}
