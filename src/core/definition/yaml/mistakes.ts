import { type Diagnostic, diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { ProjectFile } from '../nodes/node.ts';
import type { Span } from './yaml-tree.ts';

/** A mistake in a file. */
export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly span: Span | null;
  readonly hint: string;
  readonly node?: string | null;
}

/** Collects the mistakes of one file; a mistake without a place is reported at the first line. */
export class Mistakes {
  readonly file: ProjectFile;
  readonly found: Diagnostic[] = [];
  #lines: readonly string[] | null = null;

  constructor(file: ProjectFile) {
    this.file = file;
  }

  add(mistake: Mistake): void {
    const at = mistake.span?.at ?? { line: 1, column: 1 };
    const text = this.#line(at.line);
    this.found.push(
      diagnostic({
        code: mistake.code,
        message: mistake.message,
        file: this.file.path,
        at,
        hint: mistake.hint ?? null,
        node: mistake.node ?? null,
        source: text === null ? null : { text, length: mistake.span?.length ?? 1 },
      }),
    );
  }

  /** Marks mistakes found during `read` as irrelevant to the node's output, so that its query is still checked. */
  aside<T>(read: () => T): T {
    const before = this.found.length;
    const result = read();
    this.found.push(...this.found.splice(before).map(entry => ({ ...entry, aside: true })));
    return result;
  }

  /** Adds a mistake if the file could not be read as text, and returns whether it did. */
  addFlaw(): boolean {
    const { flaw, text } = this.file;
    if (!flaw) return false;
    const before = text.slice(0, Math.max(text.indexOf('\uFFFD'), 0)).split(/\r?\n/);
    const at = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    this.found.push(diagnostic({ ...flaw, file: this.file.path, at }));
    return true;
  }

  #line(line: number): string | null {
    this.#lines ??= this.file.text.split(/\r?\n/);
    return this.#lines[line - 1] ?? null;
  }
}
