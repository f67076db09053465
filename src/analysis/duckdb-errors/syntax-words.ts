import { lexSql, type SqlToken } from '../../core/definition/sql/sql-lexer.ts';
import { suggest } from '../../diagnostics/suggest.ts';
import type { QueryText } from './unknown-words.ts';

const DIALECT = "Check this word and the one before it; the dialect is DuckDB's.";

/** The message for SQL that DuckDB cannot parse. `offset` is the position of the error, in UTF-16 units. */
export function syntaxText(message: string, text: string, offset: number): QueryText {
  const code = 'sql-syntax';
  const open = /^unterminated (quoted string|quoted identifier|dollar-quoted string)/.exec(message)?.[1];
  const unclosed = open === undefined ? undefined : UNCLOSED[open];
  if (unclosed) return { code, ...unclosed };
  const tokens = lexSql(text);
  const index = tokens.findIndex(token => token.to > offset);
  const surplus = tokens[index]?.upper === ')' && isSurplus(tokens, index);
  if (surplus) return { code, message: 'This ) has no matching (.', hint: 'Remove it, or add the missing (.' };
  const hint = wordHint(tokens, index < 0 ? tokens.length : index) ?? bracketHint(tokens, text);
  if (/at end of input/.test(message) || index < 0) {
    const last = tokens.at(-1)?.text ?? '';
    return {
      code,
      message: `The SQL ends too early, after ${shortened(last)}.`,
      hint: hint ?? 'Complete the query.',
    };
  }
  return {
    code,
    message: `Syntax error at ${shortened(tokens[index]?.text ?? '')}.`,
    hint: hint ?? DIALECT,
  };
}

const UNCLOSED: Readonly<Record<string, Omit<QueryText, 'code'>>> = {
  'quoted string': {
    message: 'The text that begins here is never closed.',
    hint: "Close it with '; within it, a ' is written twice.",
  },
  'quoted identifier': {
    message: 'The name that begins here is never closed.',
    hint: 'Close it with "; within it, a " is written twice.',
  },
  'dollar-quoted string': {
    message: 'The text that begins here is never closed.',
    hint: 'Close it with the same $…$.',
  },
};

const shortened = (text: string): string => `'${text.length > 30 ? `${text.slice(0, 30)}…` : text}'`;

/** A hint for a misspelt keyword at or just before the error, or for one without its second word. */
function wordHint(tokens: readonly SqlToken[], index: number): string | null {
  const before = tokens[index - 1]?.upper ?? '';
  if (before === 'ORDER' || before === 'GROUP' || before === 'PARTITION') return `Did you mean ${before} BY?`;
  if (before === ',' && tokens[index]?.kind === 'word') return 'Remove the comma before it, or complete the list.';
  for (const token of [tokens[index - 1], tokens[index], tokens[index - 2]]) {
    if (token?.kind !== 'word' || token.text.length < 4 || KEYWORDS.includes(token.upper)) continue;
    const close = suggest(token.upper, KEYWORDS);
    if (close !== null) return `Did you mean ${close} for '${token.text}'?`;
  }
  return null;
}

const KEYWORDS = [
  'SELECT',
  'FROM',
  'WHERE',
  'GROUP',
  'ORDER',
  'HAVING',
  'QUALIFY',
  'WINDOW',
  'LIMIT',
  'OFFSET',
  'JOIN',
  'LEFT',
  'RIGHT',
  'INNER',
  'OUTER',
  'CROSS',
  'USING',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'DISTINCT',
  'BETWEEN',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
  'END',
  'AND',
  'OR',
  'NOT',
  'NULL',
  'LIKE',
  'ILIKE',
  'CAST',
  'EXCLUDE',
  'REPLACE',
  'PARTITION',
  'VALUES',
  'WITH',
  'AS',
  'ON',
  'IN',
  'IS',
  'BY',
  'OVER',
  'ASC',
  'DESC',
  'ALL',
  'EXISTS',
  'INTERVAL',
];

function bracketHint(tokens: readonly SqlToken[], text: string): string | null {
  const open = openBracket(tokens);
  if (!open) return null;
  const line = text.slice(0, open.from).split('\n').length;
  const behind = text.slice(open.from).split('\n')[0]?.slice(0, 20) ?? '';
  return `A ${open.upper === '(' ? ')' : ']'} is missing: '${behind}' in line ${line} of the SQL is never closed.`;
}

function openBracket(tokens: readonly SqlToken[]): SqlToken | undefined {
  const open: SqlToken[] = [];
  for (const token of tokens) {
    if (token.upper === '(' || token.upper === '[') open.push(token);
    else if (token.upper === ')' || token.upper === ']') open.pop();
  }
  return open.at(-1);
}

function isSurplus(tokens: readonly SqlToken[], index: number): boolean {
  let depth = 0;
  for (const token of tokens.slice(0, index)) depth += token.upper === '(' ? 1 : token.upper === ')' ? -1 : 0;
  return depth <= 0;
}
