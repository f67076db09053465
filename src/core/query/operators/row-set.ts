import type { Dependencies } from '../terms/dependencies.ts';
import { asBag, asSet, type Term } from '../terms/term.ts';
import type { TermGraph } from '../terms/term-graph.ts';

/** A product of parts under conditions, so that filters and inner joins commute; `term` is the hash of all of it. */
export interface RowSet {
  readonly parts: readonly Term[];
  readonly conditions: readonly Term[];
  /** Terms that are not NULL wherever the conditions hold. */
  readonly strict: readonly Term[];
  readonly term: Term;
}

/** A row set of a single part. */
export function part(term: Term): RowSet {
  return { parts: [term], conditions: [], strict: [], term };
}

/** Conditions under which rows are kept. */
export interface Filter {
  readonly terms: readonly Term[];
  readonly dependencies: Dependencies;
  readonly strict: readonly Term[];
}

/** The product of row sets under a filter; conditions that are implied by others are dropped. */
export function product(terms: TermGraph, rows: readonly RowSet[], filter?: Filter): RowSet {
  const parts = rows.flatMap(row => row.parts);
  const strict = [...rows.flatMap(row => row.strict), ...(filter?.strict ?? [])];
  const implied = new Set(strict.map(term => terms.make('is not null', term)));
  const all = [...rows.flatMap(row => row.conditions), ...(filter?.terms ?? [])].filter(term => !implied.has(term));
  const [only] = parts;
  if (parts.length === 1 && all.length === 0 && only !== undefined) return part(only);
  return { parts, conditions: all, strict, term: terms.make('select', asBag(parts), asSet(all)) };
}
