import type { SourceNode } from '../../../core/definition/nodes/node.ts';
import { ToolError } from '../../../diagnostics/tool-error.ts';
import { EngineFailure } from '../../../engine/engine-failure.ts';
import { PostgresError } from '../client.ts';
import { markedValue } from '../types/value-marker.ts';
import { readingsOf } from './describe-relation.ts';
import type { DescribedRelation } from './relation.ts';
import { valueNotHeld } from './value-not-held.ts';

/** Turns an error of the server or of DuckDB into one that names the source; returns other errors unchanged. */
export function readingError(source: SourceNode, error: unknown, described: DescribedRelation | null = null): unknown {
  if (!(error instanceof Error) || error instanceof ToolError || error instanceof EngineFailure) return error;
  const marked = markedValue(error.message);
  const column = marked && described?.columns[marked.column];
  if (marked && column) {
    const type = readingsOf(described)[marked.column]?.type ?? '';
    return valueNotHeld(source, { column, value: marked.value, type });
  }
  return serverError(source, error, error instanceof PostgresError ? error : wordsOf(error.message));
}

interface ServerWords {
  readonly message: string;
  readonly hint: string | null;
}

/** Before what the server or the connection said, the extension repeats the query. */
const BEFORE_WORDS = [
  /^[^"]*Failed to (?:prepare|execute)[^"]*"[^]*?": (?=\p{Lu}+: {2})/u,
  /^[^"]*Failed to (?:prepare|execute)[^"]*"[^]*": /,
  /^(?:[A-Z]\w* )+Error: (?:[^:\n]*(?:COPY|Postgres): )?/,
];

/** The words of the server or of DuckDB, in any language. */
function wordsOf(said: string): ServerWords {
  const before = BEFORE_WORDS.find(pattern => pattern.test(said));
  const words = before ? said.replace(before, '') : said;
  const [, message = ''] = /^(?:\p{Lu}+: {2})?([^\n]*)/u.exec(words) ?? [];
  const [, hint = null] = /^HINT: {2}([^\n]+)/m.exec(words) ?? [];
  return { message: message === '' ? 'no connection to the server' : message, hint };
}

function serverError({ id }: SourceNode, cause: Error, { message, hint }: ServerWords): ToolError {
  const known = KNOWN.find(
    ({ words, state }) => words.test(message) || (state !== undefined && 'state' in cause && cause.state === state),
  );
  const said = (known?.instead ?? message).trim().replace(/\.$/, '');
  const advice = known?.hint ?? hint;
  return new ToolError(known?.code ?? 'source-unreadable', `${id} cannot be read: ${said}.`, {
    cause,
    ...(advice ? { hint: advice } : {}),
  });
}

interface KnownError {
  readonly words: RegExp;
  /** SQLSTATE, which the client knows. */
  readonly state?: string;
  readonly code: string;
  readonly instead?: string;
  readonly hint: string;
}

/** The extension passes on words only; a server that speaks another language gets the general error. */
const KNOWN: readonly KnownError[] = [
  {
    words:
      /server closed the connection|no connection to the server|connection (?:was |has been )?(?:lost|reset)|terminating connection|could not (?:receive|send) data|SSL (?:SYSCALL )?error|Connection reset|Broken pipe|Failed to execute query "BEGIN/,
    code: 'connection-lost',
    instead: 'the connection to the server was lost',
    hint: 'Check the server and its log, then run the command again.',
  },
  {
    words: /permission denied/,
    state: '42501',
    code: 'permission-denied',
    hint: 'Grant the user of the connection SELECT on what the source reads.',
  },
  {
    words: /statement timeout/,
    code: 'source-unreadable',
    hint: 'Raise statement_timeout for the user of the connection, or read fewer rows.',
  },
  {
    words: /in a read-only transaction/,
    code: 'source-unreadable',
    hint: 'Remove what writes from the query: sources are read in a read-only transaction.',
  },
];
