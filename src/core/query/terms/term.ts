import { hash as digest } from 'node:crypto';

/** The hash of a function of rows, or of a set of rows: equal terms have equal values. */
export type Term = string & { readonly brand: 'term' };

/** A part of a term: another term or a constant, or a list of parts. */
export type Part = string | number | boolean | null | undefined | readonly Part[];

const TERM_LENGTH = 24;

/** Hashes parts to 144 bits of SHA-256; equal parts give equal text in every process. */
export function hashParts(parts: readonly Part[]): Term {
  return digest('sha256', JSON.stringify(parts), 'base64url').slice(0, TERM_LENGTH) as Term;
}

/** Sorted and without duplicates: for operands whose order and number do not matter. */
export const asSet = (terms: readonly Term[]): readonly Term[] => [...new Set(terms)].sort();

/** Sorted: for operands whose order does not matter. */
export const asBag = (terms: readonly Term[]): readonly Term[] => [...terms].sort();

/** Orders texts by code units. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
