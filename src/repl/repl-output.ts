import type { Style } from '../views/text/style.ts';

/** The outputs of a REPL: results go to `out`, errors to `err`. */
export interface ReplOutput {
  out(text: string): Promise<void>;
  err(text: string): Promise<void>;
  /** Whether the reader of `out` is gone. */
  closed(): boolean;
  readonly style: Style;
  readonly errorStyle: Style;
}
