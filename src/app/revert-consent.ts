import type { TakenBack } from '../planning/revert/revert-guard.ts';
import { describeTakenBack, takesBack } from '../planning/revert/revert-text.ts';

/** How a command may be allowed to undo what a promotion or rollback brought. */
export interface RevertOptions {
  readonly allowRevert?: boolean;
  /** Asked on a terminal; false refuses. */
  confirmRevert?(what: string): Promise<boolean>;
}

/** Throws `takes-back` where something would be undone and nobody allowed it. */
export async function assertRevertAllowed(options: RevertOptions, found: readonly TakenBack[]): Promise<void> {
  if (found.length === 0 || options.allowRevert === true) return;
  if ((await options.confirmRevert?.(describeTakenBack(found))) !== true) throw takesBack(found);
}
