import type { Column } from '../../definition/nodes/node.ts';
import { hashParts } from './term.ts';

/** The output of a node as hashes: equal `rows` together with equal column hashes mean equal data. */
export interface Relation {
  /** Names the set of rows. */
  readonly rows: string;
  /** In order; `hash` names a function of the row, and covers the type but not the name. */
  readonly columns: readonly (Column & { readonly hash: string })[];
  /** Covers everything that the order of the rows may depend on. */
  readonly order: string;
}

/** The relation of a source, named by the identity of its content. */
export function sourceRelation(identity: string, columns: readonly Column[]): Relation {
  const rows = hashParts(['source', identity]);
  return {
    rows,
    columns: columns.map(({ name, type }) => ({ name, type, hash: hashParts(['source column', rows, name, type]) })),
    order: hashParts(['source order', rows]),
  };
}

/**
 * Inputs by id, with distinct terms for equal relations: two equivalent nodes may still hold different rows
 * if these are random or tied, and a query that reads both must keep them apart.
 */
export function inputsApart(relations: ReadonlyMap<string, Relation>): ReadonlyMap<string, Relation> {
  const counts = new Map<string, number>();
  for (const { rows } of relations.values()) counts.set(rows, (counts.get(rows) ?? 0) + 1);
  const entries = [...relations].map(([id, relation]): [string, Relation] => {
    const alike = (counts.get(relation.rows) ?? 0) > 1;
    return [id, alike ? { ...relation, rows: hashParts(['input of its own', id, relation.rows]) } : relation];
  });
  return new Map(entries);
}

/** The relation of an input, named by its id alone: for a fingerprint of a query that ignores the data of its inputs. */
export function symbolicRelation(id: string, columns: readonly Column[]): Relation {
  const rows = hashParts(['input', id]);
  return {
    rows,
    columns: columns.map(({ name, type }) => ({ name, type, hash: hashParts(['input column', rows, name, type]) })),
    order: hashParts(['input order', rows]),
  };
}
