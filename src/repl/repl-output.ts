import type { Style } from '../views/text/style.ts';

/** Where a REPL prints: results on `out`, errors on `err`. */
export interface ReplOutput {
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
  /** Nobody reads `out` any more. */
  closed(): boolean;
  readonly style: Style;
  readonly errorStyle: Style;
}
