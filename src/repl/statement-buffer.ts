import { lexSql } from '../core/definition/sql/sql-lexer.ts';

/** Collects lines until they end a statement with a `;` outside texts, names and comments. */
export class StatementBuffer {
  #lines: string[] = [];

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** The statement if it is complete, else null. Blank lines and comments before it are dropped. */
  add(line: string): string | null {
    this.#lines.push(line);
    const text = this.#lines.join('\n');
    const tokens = lexSql(text);
    if (tokens.length === 0 && !/\/\*/.test(text)) this.#lines = [];
    if (tokens.at(-1)?.text !== ';') return null;
    this.#lines = [];
    return tokens.every(token => token.text === ';') ? null : text;
  }

  /** The remaining text at the end of input; null if there is no statement. */
  rest(): string | null {
    const text = this.#lines.join('\n');
    this.#lines = [];
    return countStatements(text) > 0 ? text : null;
  }

  clear(): void {
    this.#lines = [];
  }
}

/** The number of statements in a text, without empty ones. */
export function countStatements(text: string): number {
  let count = 0;
  let open = false;
  for (const token of lexSql(text)) {
    if (token.text !== ';' && !open) count += 1;
    open = token.text !== ';';
  }
  return count;
}
