import { sha256Hex } from '../canonical-json.ts';
import type { Column } from '../definition/nodes/node.ts';

/** What one file adds to the content of an artefact. Parts of several files add up to those of all their rows. */
export interface ContentParts {
  readonly rows: number;
  /** Sum of the rows' 64-bit hashes, as decimal text: it exceeds what a number holds. */
  readonly sum: string;
}

/** The columns that hashes were taken of, and whether they include each row's position. */
export interface ContentScope {
  readonly columns: readonly Column[];
  readonly ordered?: boolean;
}

/** The parts of several files as those of one file with the same rows. */
export const combineParts = (parts: readonly ContentParts[]): ContentParts => ({
  rows: parts.reduce((total, { rows }) => total + rows, 0),
  sum: String(parts.reduce((total, { sum }) => total + BigInt(sum), 0n)),
});

/** Content identity, 32 hex digits: equal for equal rows in any order, or in the same order where `ordered`. */
export function identityFrom({ columns, ordered = false }: ContentScope, parts: readonly ContentParts[]): string {
  const { rows, sum } = combineParts(parts);
  const schema = byName(columns).map(({ name, type }) => [name, type]);
  // Without rows there is nothing to add up: identities of empty tables are made from SQL's NULL.
  const hashed = columns.length > 0 || ordered;
  const text = JSON.stringify([schema, ordered, String(rows), rows === 0 && hashed ? null : sum]);
  return sha256Hex(text).slice(0, 32);
}

/** Columns in the order in which their values are hashed. */
export const byName = (columns: readonly Column[]): readonly Column[] =>
  [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
