import type { TakenBack } from '../planning/revert/revert-guard.ts';
import { describeTakenBack, takesBack } from '../planning/revert/revert-text.ts';

/** Whether a command may undo changes of a promotion or rollback. */
export interface RevertOptions {
  readonly allowRevert?: boolean;
  /** Asks on a terminal; false refuses. */
  confirmRevert?(what: string): Promise<boolean>;
}

/** Throws `takes-back` if something would be undone without consent. */
export async function assertRevertAllowed(options: RevertOptions, found: readonly TakenBack[]): Promise<void> {
  if (found.length === 0 || options.allowRevert === true) return;
  if ((await options.confirmRevert?.(describeTakenBack(found))) !== true) throw takesBack(found);
}
