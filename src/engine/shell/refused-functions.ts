import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Connection } from '../duckdb.ts';
import { quoteText } from '../sql-text.ts';

interface Refusal {
  /** Continues the sentence `NAME() is not allowed here: it `. */
  readonly because: string;
  readonly hint: string;
}

const WRITES: Refusal = {
  because: 'can change data on the server',
  hint: "Use postgres_query('CONNECTION', 'SELECT …') to read.",
};
const CONNECTS: Refusal = {
  because: 'connects to servers outside the profile',
  hint: 'Add the server to the connections of the profile.',
};
const HIDES: Refusal = { because: 'runs SQL that cannot be checked', hint: 'Write the query itself.' };

/** Table functions that reach a server past the read-only transaction, or that run SQL from a value. */
const REFUSED: ReadonlyMap<string, Refusal> = new Map([
  ['postgres_execute', WRITES],
  ['postgres_attach', CONNECTS],
  ['postgres_scan', CONNECTS],
  ['postgres_scan_pushdown', CONNECTS],
  ['postgres_configure_pool', { because: 'changes settings', hint: WRITES.hint }],
  ['query', HIDES],
  ['json_execute_serialized_sql', HIDES],
  ['json_serialize_plan', HIDES],
]);

/**
 * Throws `read-only` if a statement calls a function of DuckDB's extension that could write to a server or connect to
 * another one. It runs nothing and connects to nothing, unlike preparing the statement. `COMMIT; DELETE …` in
 * `postgres_execute` would end the read-only transaction.
 */
export async function assertAllowedFunctions(connection: Connection, text: string): Promise<void> {
  const [[json] = []] = await connection.rows(`SELECT json_serialize_sql(${quoteText(text)})`);
  const called = calledFunctions(String(json)) ?? wordsOf(text);
  for (const name of called) {
    const refusal = REFUSED.get(name.toLowerCase());
    if (refusal === undefined) continue;
    throw new ToolError('read-only', `${name.toLowerCase()}() is not allowed here: it ${refusal.because}.`, {
      hint: refusal.hint,
    });
  }
}

/** Function names in a parsed statement, at any depth; null if DuckDB cannot serialise it. */
function calledFunctions(json: string): readonly string[] | null {
  if (!json.startsWith('{"error":false,')) return null;
  // Quotes within a JSON string are escaped, so this key cannot be part of one.
  return [...json.matchAll(/"function_name":"((?:[^"\\]|\\.)*)"/g)].map(([, name = '']) => name);
}

/**
 * All words, for statements that DuckDB cannot serialise: EXPLAIN, and PIVOT without IN. Words in texts and comments count
 * too, so that nothing depends on where those end.
 */
const wordsOf = (text: string): readonly string[] => text.match(/[\p{L}\p{N}_$]+/gu) ?? [];
