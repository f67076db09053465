import { EngineFailure } from '../engine-failure.ts';
import type { QueryMistake } from './described.ts';

/** Converts an exception; rethrows a fatal error, after which the database must be reopened. */
export function mistakeUnlessFatal(error: unknown): Omit<QueryMistake, 'statement'> {
  if (error instanceof EngineFailure) throw error;
  return mistakeOf(error);
}

/** Converts an exception. It has no offset: the position in DuckDB's text is unreliable. */
export function mistakeOf(error: unknown): Omit<QueryMistake, 'statement'> {
  const text = error instanceof Error ? error.message : String(error);
  const match = /^(\w+) Error: ([^]*?)(?:\n\nLINE \d+:[^]*)?$/.exec(text);
  return {
    kind: 'mistake',
    type: (match?.[1] ?? 'unknown').toLowerCase(),
    subtype: null,
    message: match?.[2] ?? text,
    offset: null,
    candidates: [],
    name: null,
  };
}
