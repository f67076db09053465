import { lexSql } from '../core/definition/sql/sql-lexer.ts';

/** Collects lines until they end a statement: a `;` that stands in no text, name or comment. */
export class StatementBuffer {
  #lines: string[] = [];

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** The whole statement once it is complete; else null. Blank lines and comments before one are dropped. */
  add(line: string): string | null {
    this.#lines.push(line);
    const text = this.#lines.join('\n');
    const tokens = lexSql(text);
    if (tokens.length === 0 && !/\/\*/.test(text)) this.#lines = [];
    if (tokens.at(-1)?.text !== ';') return null;
    this.#lines = [];
    return tokens.every(token => token.text === ';') ? null : text;
  }

  /** What is left at the end of input; null for nothing. */
  rest(): string | null {
    const text = this.#lines.join('\n');
    this.#lines = [];
    return countStatements(text) > 0 ? text : null;
  }

  clear(): void {
    this.#lines = [];
  }
}

/** How many statements a text holds; empty ones do not count. */
export function countStatements(text: string): number {
  let count = 0;
  let open = false;
  for (const token of lexSql(text)) {
    if (token.text !== ';' && !open) count += 1;
    open = token.text !== ';';
  }
  return count;
}
