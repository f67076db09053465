import { sha256Hex } from '../canonical-json.ts';
import type { Column } from '../definition/nodes/node.ts';

/** The contribution of one file to an artefact's content identity. Parts of several files add up. */
export interface ContentParts {
  readonly rows: number;
  /** Sum of the rows' 64-bit hashes, as decimal text because it exceeds the range of a number. */
  readonly sum: string;
}

/** The hashed columns, and whether the hashes include row positions. */
export interface ContentScope {
  readonly columns: readonly Column[];
  readonly ordered?: boolean;
}

/** Adds up the parts of several files, as if one file held all their rows. */
export const combineParts = (parts: readonly ContentParts[]): ContentParts => ({
  rows: parts.reduce((total, { rows }) => total + rows, 0),
  sum: String(parts.reduce((total, { sum }) => total + BigInt(sum), 0n)),
});

/** Content identity, 32 hex digits: equal for equal rows in any order, or in the same order if `ordered`. */
export function identityFrom({ columns, ordered = false }: ContentScope, parts: readonly ContentParts[]): string {
  const { rows, sum } = combineParts(parts);
  const schema = byName(columns).map(({ name, type }) => [name, type]);
  // SQL's sum over no rows is NULL; stored identities of empty tables rely on that.
  const hashed = columns.length > 0 || ordered;
  const text = JSON.stringify([schema, ordered, String(rows), rows === 0 && hashed ? null : sum]);
  return sha256Hex(text).slice(0, 32);
}

/** Columns sorted by name, the order in which their values are hashed. */
export const byName = (columns: readonly Column[]): readonly Column[] =>
  [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));
