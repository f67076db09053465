/** How much of a history is kept: a number of generations or of days, whichever keeps more. */
export interface Retention {
  readonly generations: number;
  readonly days: number;
}

export interface DatedGeneration {
  readonly serial: number;
  /** Milliseconds since 1970; null if unreadable, which does not keep it. */
  readonly at: number | null;
}

const DAY_MS = 86_400_000;

/**
 * The serials that are kept, latest first. They have no gaps: the order is by serial, so that a wrong clock cannot remove
 * a generation from the middle.
 */
export function keptSerials(history: readonly DatedGeneration[], retention: Retention, now: number): readonly number[] {
  const latestFirst = [...history].sort((a, b) => b.serial - a.serial);
  const since = now - retention.days * DAY_MS;
  const young = latestFirst.findLastIndex(({ at }) => at !== null && at > since);
  return latestFirst.slice(0, Math.max(retention.generations, young + 1)).map(({ serial }) => serial);
}
