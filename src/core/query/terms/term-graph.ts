import { type Term, type Part, hashParts } from './term.ts';

/** What an input term represents: one column, the rows or the row order of an input. */
export type TermInput =
  | { readonly kind: 'rows'; readonly input: string }
  | { readonly kind: 'column'; readonly input: string; readonly column: string }
  | { readonly kind: 'order'; readonly input: string };

/** Evidence about a term; an `order` note counts only if the term depends on the row order of an input. */
export interface Note {
  readonly text: string;
  readonly kind: 'opaque' | 'volatile' | 'order' | 'function';
}

/** The inputs and notes below a set of terms. */
export interface TermContents {
  readonly inputs: readonly TermInput[];
  readonly notes: readonly Note[];
  readonly volatile: boolean;
}

/** Makes terms and records their parts, so that the dependencies of a result follow from its term. */
export class TermGraph {
  readonly #parts = new Map<string, readonly Part[]>();
  readonly #inputs = new Map<string, TermInput[]>();
  readonly #notes = new Map<string, Note[]>();
  readonly #volatile = new Set<string>();

  make(...parts: readonly Part[]): Term {
    const term = hashParts(parts);
    this.#parts.set(term, parts);
    if (this.#volatile.size > 0 && this.#mentionsVolatile(parts)) this.#volatile.add(term);
    return term;
  }

  /** Whether the term may have another value at each evaluation. */
  isVolatile(term: Term): boolean {
    return this.#volatile.has(term);
  }

  /** Two inputs with equal content share a term, which then represents both. */
  input(input: TermInput, ...parts: readonly Part[]): Term {
    const term = this.make(...parts);
    const inputs = this.#inputs.get(term);
    if (inputs) inputs.push(input);
    else this.#inputs.set(term, [input]);
    return term;
  }

  note(term: Term, kind: Note['kind'], text: string): Term {
    if (kind === 'volatile') this.#volatile.add(term);
    const notes = this.#notes.get(term);
    if (notes) notes.push({ kind, text });
    else this.#notes.set(term, [{ kind, text }]);
    return term;
  }

  contentsOf(roots: readonly Part[]): TermContents {
    const inputs: TermInput[] = [];
    const notes: Note[] = [];
    for (const term of this.#below(roots)) {
      inputs.push(...(this.#inputs.get(term) ?? []));
      notes.push(...(this.#notes.get(term) ?? []).filter(note => note.kind !== 'order' || this.#seesOrder(term)));
    }
    return { inputs, notes, volatile: notes.some(note => note.kind === 'volatile') };
  }

  #mentionsVolatile(parts: readonly Part[]): boolean {
    return parts.some(part => {
      return Array.isArray(part) ? this.#mentionsVolatile(part) : typeof part === 'string' && this.#volatile.has(part);
    });
  }

  #seesOrder(term: string): boolean {
    for (const below of this.#below([term])) {
      if (this.#inputs.get(below)?.some(input => input.kind === 'order')) return true;
    }
    return false;
  }

  #below(roots: readonly Part[]): ReadonlySet<string> {
    const seen = new Set<string>();
    const waiting: Part[] = [...roots];
    while (waiting.length > 0) {
      const part = waiting.pop();
      if (Array.isArray(part)) waiting.push(...part);
      else if (typeof part === 'string' && !seen.has(part)) {
        const parts = this.#parts.get(part);
        if (!parts) continue;
        seen.add(part);
        waiting.push(...parts);
      }
    }
    return seen;
  }
}
