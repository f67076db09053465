import { lexSql, type SqlToken } from './sql-lexer.ts';

/** SQL without comments and with single spaces, so that texts that differ only in layout become equal. */
export function normalSql(text: string): string {
  const tokens = lexSql(text);
  const runs = operatorRuns(tokens);
  return tokens.map((token, index) => `${gapBefore(tokens, index, { text, runs })}${token.text}`).join('');
}

interface Surroundings {
  readonly text: string;
  /** Tokens that continue the operator of the token before them. */
  readonly runs: ReadonlySet<number>;
}

function gapBefore(tokens: readonly SqlToken[], index: number, { text, runs }: Surroundings): string {
  const [before, token] = [tokens[index - 1], tokens[index]];
  if (!before || !token || runs.has(index)) return '';
  if (before.to === token.from) return isOneWord(before, token) ? '' : ' ';
  // Two texts with a line break between them are one text; without it, the second is a name.
  return before.kind === 'text' && token.kind === 'text' ? text.slice(before.to, token.from) : ' ';
}

/** Tokens that a space would split, such as `0x1F`, `x'1F'` and `U&'…'`. */
function isOneWord(before: SqlToken, token: SqlToken): boolean {
  if (before.kind === 'number') return token.kind === 'word';
  const isQuoted = token.kind === 'text' || token.kind === 'quoted-name';
  return before.text === '&' ? isQuoted : /^[A-Za-z]$/.test(before.text) && (isQuoted || token.text === '&');
}

const OPERATOR = /^[~!@#^&|`?+\-*/%<>=:]$/;

/** Groups symbols into operators as DuckDB does: a trailing `+` or `-` belongs to an operator only if it contains one of `~!@#^&|?%`. */
function operatorRuns(tokens: readonly SqlToken[]): ReadonlySet<number> {
  const continued = new Set<number>();
  for (let start = 0; start < tokens.length;) {
    const end = runEnd(tokens, start);
    for (let index = start + 1; index < end; index += 1) continued.add(index);
    start = Math.max(end, start + 1);
  }
  return continued;
}

function runEnd(tokens: readonly SqlToken[], start: number): number {
  let end = start;
  while (isOperator(tokens[end]) && (end === start || tokens[end - 1]?.to === tokens[end]?.from)) end += 1;
  if (tokens.slice(start, end).some(token => /[~!@#^&|`?%]/.test(token.text))) return end;
  while (end > start + 1 && /[+-]/.test(tokens[end - 1]?.text ?? '')) end -= 1;
  return end;
}

const isOperator = (token: SqlToken | undefined): boolean =>
  token !== undefined && token.kind === 'symbol' && OPERATOR.test(token.text);
