import type { Style } from '../views/text/style.ts';

/** Where a REPL prints: results on `out`, errors on `err`. */
export interface ReplOutput {
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
  /** Whether the reader of `out` is gone. */
  closed(): boolean;
  readonly style: Style;
  readonly errorStyle: Style;
}
