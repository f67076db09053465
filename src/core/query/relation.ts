import type { Column } from '../project/node.ts';
import { hashParts } from './terms.ts';

/** What a node's output is: equal `rows` and equal column hashes mean equal data, jointly. */
export interface Relation {
  /** Names the set of rows. */
  readonly rows: string;
  /** In order; `hash` names a function of the row, and covers the type but not the name. */
  readonly columns: readonly (Column & { readonly hash: string })[];
  /** Covers everything that the order of the rows may depend on. */
  readonly order: string;
}

/** What a source holds, named by the identity of its content. */
export function sourceRelation(identity: string, columns: readonly Column[]): Relation {
  const rows = hashParts(['source', identity]);
  return {
    rows,
    columns: columns.map(({ name, type }) => ({ name, type, hash: hashParts(['source column', rows, name, type]) })),
    order: hashParts(['source order', rows]),
  };
}

/** What an input holds, named by nothing but its id: for a fingerprint of a query apart from its inputs. */
export function symbolicRelation(id: string, columns: readonly Column[]): Relation {
  const rows = hashParts(['input', id]);
  return {
    rows,
    columns: columns.map(({ name, type }) => ({ name, type, hash: hashParts(['input column', rows, name, type]) })),
    order: hashParts(['input order', rows]),
  };
}
