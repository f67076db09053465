import { EngineFailure } from '../engine-failure.ts';
import type { QueryMistake } from './described.ts';

/** After a fatal error the whole database has to be opened anew. */
export function mistakeUnlessFatal(error: unknown): Omit<QueryMistake, 'statement'> {
  if (error instanceof EngineFailure) throw error;
  return mistakeOf(error);
}

/** From an exception, whose text shows the place as a line and a caret that cannot be trusted: no offset. */
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
