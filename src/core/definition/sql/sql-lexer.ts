import { TEMPLATE } from '../../parameters/expression.ts';

/** A token of SQL; blanks and comments are not tokens. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted-name' | 'text' | 'escaped-text' | 'dollar-text' | 'number' | 'template' | 'symbol';
  /** UTF-16 units, end exclusive. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** A word in upper case, a symbol unchanged, or empty for any other kind. */
  readonly upper: string;
}

/** The tokens of a text in DuckDB's dialect; `{{ name }}` is one token. Never fails: an unclosed token extends to the end. */
export function lexSql(text: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let offset = 0;
  while (offset < text.length) {
    const end = blankEnd(text, offset);
    if (end > offset) {
      offset = end;
      continue;
    }
    const token = tokenAt(text, offset);
    tokens.push(token);
    offset = token.to;
  }
  return tokens;
}

/** Block comments nest, as in PostgreSQL's lexer, which DuckDB uses. */
function blankEnd(text: string, offset: number): number {
  BLANK.lastIndex = offset;
  if (BLANK.test(text)) return BLANK.lastIndex;
  return text.startsWith('/*', offset) ? (blockCommentEnd(text, offset) ?? text.length) : offset;
}

/** The offset of an unclosed block comment, which DuckDB ignores; null if there is none. */
export function unclosedComment(text: string): number | null {
  for (let offset = lexSql(text).at(-1)?.to ?? 0; ;) {
    if (text.startsWith('/*', offset) && blockCommentEnd(text, offset) === null) return offset;
    const end = blankEnd(text, offset);
    if (end === offset) return null;
    offset = end;
  }
}

const BLANK = /(?:[\s\ufeff]+|--[^\n\r]*)+/y;

/** null if the comment is not closed. */
function blockCommentEnd(text: string, offset: number): number | null {
  const edges = /\/\*|\*\//g;
  edges.lastIndex = offset;
  let depth = 0;
  for (let edge = edges.exec(text); edge; edge = edges.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return edges.lastIndex;
  }
  return null;
}

/** A name may contain any character that is neither ASCII nor a space. */
const FOREIGN = String.raw`(?![\s\ufeff])[\u{80}-\u{10ffff}]`;
const NAME = `(?:[A-Za-z_]|${FOREIGN})(?:[A-Za-z0-9_]|${FOREIGN})*`;

/** One alternative for each kind of token, in the order in which they are tried. */
const KINDS: readonly (readonly [SqlToken['kind'], string])[] = [
  ['escaped-text', String.raw`[eE]'(?:[^'\\]+|\\[^]|'')*(?:'|$)`],
  ['text', String.raw`'(?:[^']+|'')*(?:'|$)`],
  ['quoted-name', String.raw`"(?:[^"]+|"")*(?:"|$)`],
  ['dollar-text', String.raw`\$(?:${NAME})?\$`],
  ['template', TEMPLATE.source],
  ['word', `(?:[A-Za-z_]|${FOREIGN})(?:[A-Za-z0-9_$]|${FOREIGN})*`],
  ['number', String.raw`(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+\-]?\d+)?`],
  ['symbol', '[^]'],
];
const TOKEN = new RegExp(KINDS.map(([, pattern]) => `(${pattern})`).join('|'), 'uy');

function tokenAt(text: string, from: number): SqlToken {
  TOKEN.lastIndex = from;
  const found = TOKEN.exec(text);
  const kind = KINDS[(found?.findIndex((part, index) => index > 0 && part !== undefined) ?? 0) - 1]?.[0] ?? 'symbol';
  const content = kind === 'dollar-text' ? dollarText(text, from, found?.[0] ?? '') : (found?.[0] ?? text.charAt(from));
  const upper = kind === 'word' ? content.toUpperCase() : kind === 'symbol' ? content : '';
  return { kind, from, to: from + content.length, text: content, upper };
}

function dollarText(text: string, offset: number, tag: string): string {
  const close = text.indexOf(tag, offset + tag.length);
  return text.slice(offset, close < 0 ? text.length : close + tag.length);
}

/** The content of a quoted text or name; null for a token of another kind. */
export function unquoted(sqlToken: SqlToken): string | null {
  if (sqlToken.kind === 'text') return sqlToken.text.slice(1, -1).replaceAll("''", "'");
  if (sqlToken.kind === 'quoted-name') return sqlToken.text.slice(1, -1).replaceAll('""', '"');
  return null;
}
