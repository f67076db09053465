import { hash as digest } from 'node:crypto';

/** The name of a function of rows, or of a set of rows: equal terms mean the same. */
export type Term = string & { readonly brand: 'term' };

export type Part = string | number | boolean | null | undefined | readonly Part[];

/** What a term at the leaves stands for: one column, the rows or the row order of an input. */
export type Leaf =
  | { readonly kind: 'rows'; readonly input: string }
  | { readonly kind: 'column'; readonly input: string; readonly column: string }
  | { readonly kind: 'order'; readonly input: string };

/** What one should know about a term; an `order` remark counts only where the term reaches the order of an input. */
export interface Remark {
  readonly text: string;
  readonly kind: 'opaque' | 'volatile' | 'order' | 'function';
}

/** Everything that a set of terms is made of. */
export interface Reach {
  readonly leaves: readonly Leaf[];
  readonly remarks: readonly Remark[];
  readonly volatile: boolean;
}

const TERM_LENGTH = 24;

/** Hashes parts to 144 bits of SHA-256; equal parts give equal text in every process. */
export function hashParts(parts: readonly Part[]): Term {
  return digest('sha256', JSON.stringify(parts), 'base64url').slice(0, TERM_LENGTH) as Term;
}

/** Makes terms and remembers what each is made of, so that what a result depends on can be read off its own term. */
export class Terms {
  readonly #parts = new Map<string, readonly Part[]>();
  readonly #leaves = new Map<string, Leaf[]>();
  readonly #remarks = new Map<string, Remark[]>();
  readonly #volatile = new Set<string>();

  make(...parts: readonly Part[]): Term {
    const term = hashParts(parts);
    this.#parts.set(term, parts);
    if (this.#volatile.size > 0 && this.#mentionsVolatile(parts)) this.#volatile.add(term);
    return term;
  }

  /** Whether the term may mean something else at each evaluation. */
  isVolatile(term: Term): boolean {
    return this.#volatile.has(term);
  }

  /** Two inputs with equal content share a term, which then stands for both. */
  leaf(leaf: Leaf, ...parts: readonly Part[]): Term {
    const term = this.make(...parts);
    const leaves = this.#leaves.get(term);
    if (leaves) leaves.push(leaf);
    else this.#leaves.set(term, [leaf]);
    return term;
  }

  remark(term: Term, kind: Remark['kind'], text: string): Term {
    if (kind === 'volatile') this.#volatile.add(term);
    const remarks = this.#remarks.get(term);
    if (remarks) remarks.push({ kind, text });
    else this.#remarks.set(term, [{ kind, text }]);
    return term;
  }

  reach(roots: readonly Part[]): Reach {
    const leaves: Leaf[] = [];
    const remarks: Remark[] = [];
    for (const term of this.#below(roots)) {
      leaves.push(...(this.#leaves.get(term) ?? []));
      remarks.push(
        ...(this.#remarks.get(term) ?? []).filter(remark => remark.kind !== 'order' || this.#seesOrder(term)),
      );
    }
    return { leaves, remarks, volatile: remarks.some(remark => remark.kind === 'volatile') };
  }

  #mentionsVolatile(parts: readonly Part[]): boolean {
    return parts.some(part => {
      return Array.isArray(part) ? this.#mentionsVolatile(part) : typeof part === 'string' && this.#volatile.has(part);
    });
  }

  #seesOrder(term: string): boolean {
    for (const below of this.#below([term])) {
      if (this.#leaves.get(below)?.some(leaf => leaf.kind === 'order')) return true;
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

/** Sorted and without duplicates: for operands whose order and number do not matter. */
export const asSet = (terms: readonly Term[]): readonly Term[] => [...new Set(terms)].sort();

/** Sorted: for operands whose order does not matter. */
export const asBag = (terms: readonly Term[]): readonly Term[] => [...terms].sort();

export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
