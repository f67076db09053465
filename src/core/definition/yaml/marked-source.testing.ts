import type { Diagnostic, Position } from '../../../diagnostics/diagnostic.ts';

/** A text in which each `~` marks a place; the marks are taken out. */
export interface MarkedSource {
  readonly text: string;
  readonly places: readonly Position[];
}

export function marked(source: string): MarkedSource {
  const places: Position[] = [];
  const parts = source.split('~');
  let before = '';
  for (const part of parts.slice(0, -1)) {
    before += part;
    const lines = before.split('\n');
    places.push({ line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 });
  }
  return { text: parts.join(''), places };
}

/** `line:column code: message (hint)`, whole and on one line. */
export function shown(found: Diagnostic): string {
  return `${found.line}:${found.column} ${found.code}: ${found.message}${found.hint === null ? '' : ` (${found.hint})`}`;
}

/** The expected result of `shown`: the marked places in order, each with its text. */
export const at = (source: MarkedSource, texts: readonly string[]): readonly string[] =>
  texts.map((text, index) => `${source.places[index]?.line}:${source.places[index]?.column} ${text}`);
