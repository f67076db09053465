/** Why something that tests need cannot be had here. */
export interface Unavailable {
  readonly reason: string;
}

/** The reason if something is unavailable; else null. */
export function unavailability(found: object): Unavailable | null {
  return 'reason' in found && typeof found.reason === 'string' ? { reason: found.reason } : null;
}
