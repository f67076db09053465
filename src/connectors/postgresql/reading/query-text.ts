/** A user's query in a form that can be put in parentheses, or what is wrong with it. */
export type QueryText = { readonly query: string } | { readonly mistake: string };

/** One token of PostgreSQL's SQL that may contain a semicolon or look like a comment, or any other character. */
const TOKENS = [
  String.raw`(?<blank>\s+|--[^\n\r]*)`,
  String.raw`(?<comment>/\*)`,
  String.raw`(?:[eE]'(?:[^'\\]|\\[^]|'')*(?:'|$))`,
  String.raw`(?:'(?:[^']|'')*(?:'|$))`,
  String.raw`(?:"(?:[^"]|"")*(?:"|$))`,
  String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$)`,
  String.raw`(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)`,
  '(?<end>;)',
  '[^]',
].join('|');

/** Removes what follows the query: semicolons, and comments, which would swallow the closing parenthesis. */
export function queryText(text: string): QueryText {
  const token = new RegExp(TOKENS, 'y');
  let start = 0;
  let end = 0;
  let isEnded = false;
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const { 0: found, groups = {} } = token.exec(text) ?? { 0: '' };
    if (groups['comment'] !== undefined) token.lastIndex = commentEnd(text, token.lastIndex);
    else if (groups['end'] !== undefined) isEnded = end > 0;
    else if (groups['blank'] === undefined) {
      if (end === 0) start = from;
      else if (isEnded) return { mistake: 'it contains several statements' };
      if (groups['dollar'] !== undefined) token.lastIndex = dollarEnd(text, token.lastIndex, found);
      end = token.lastIndex;
    }
  }
  return end === 0 ? { mistake: 'it is empty' } : { query: text.slice(start, end) };
}

/** Block comments nest. */
function commentEnd(text: string, from: number): number {
  const edges = /\/\*|\*\//g;
  edges.lastIndex = from;
  let depth = 1;
  for (let edge = edges.exec(text); edge; edge = edges.exec(text)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) return edges.lastIndex;
  }
  return text.length;
}

function dollarEnd(text: string, from: number, tag: string): number {
  const close = text.indexOf(tag, from);
  return close < 0 ? text.length : close + tag.length;
}
