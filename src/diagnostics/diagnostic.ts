/** A place in a file the user wrote; line and column count from 1, column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mistake in the user's project; diagnostics are collected, not thrown. `file` is relative to the project root, with `/`. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
  readonly node?: string | null;
  /** The text of the line that the diagnostic points to, for a code frame, and how many characters to underline. */
  readonly source?: { readonly text: string; readonly length: number } | null;
  /** Whether it is irrelevant to the output of its node. */
  readonly aside?: boolean;
}

/** The parts of a diagnostic. */
export interface DiagnosticInput {
  readonly code: string;
  readonly message: string;
  readonly severity?: 'error' | 'warning';
  readonly file?: string | null;
  readonly at?: Position | null;
  readonly hint?: string | null;
  readonly node?: string | null;
  readonly source?: { readonly text: string; readonly length: number } | null;
}

/** Builds a diagnostic; the default severity is error. */
export function diagnostic(input: DiagnosticInput): Diagnostic {
  return {
    code: input.code,
    severity: input.severity ?? 'error',
    message: input.message,
    file: input.file ?? null,
    line: input.at?.line ?? null,
    column: input.at?.column ?? null,
    hint: input.hint ?? null,
    node: input.node ?? null,
    source: input.source ?? null,
  };
}

/** Whether any diagnostic is an error. */
export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some(d => d.severity === 'error');

/** A document for scripts, without the internal data for code frames. */
export function withoutFrames<T>(document: T): T {
  const { diagnostics } = document as { readonly diagnostics?: unknown };
  if (!Array.isArray(diagnostics)) return document;
  return { ...document, diagnostics: (diagnostics as readonly Diagnostic[]).map(publicFields) };
}

function publicFields(entry: Diagnostic): Diagnostic {
  const { source: _, aside: __, node, ...fields } = entry;
  return node === null || node === undefined ? fields : { ...fields, node };
}
