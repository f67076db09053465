import type { Diagnostic } from './diagnostic.ts';

/** Optional parts of a tool error. */
export interface ToolErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
  /** Default 1; 75 for a lock that is held, 130 for an interruption. */
  readonly exitCode?: number;
  /** Mistakes of the project that explain the error. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** The world is wrong (no such environment, a lock is held, a file cannot be written): thrown, shown without a stack trace. */
export class ToolError extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly exitCode: number;
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: string, message: string, details: ToolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ToolError';
    this.code = code;
    this.hint = details.hint ?? null;
    this.exitCode = details.exitCode ?? 1;
    this.diagnostics = details.diagnostics ?? [];
  }
}
