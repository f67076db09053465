import type { Diagnostic } from '../../diagnostics/diagnostic.ts';

export interface ErrorDocument {
  readonly format: 'seeknal.error';
  readonly version: 1;
  readonly diagnostics: readonly Diagnostic[];
}
