import type { Column, SourceNode } from '../../../core/definition/nodes/node.ts';
import type { PostgresClient } from '../client.ts';
import type { PostgresSettings } from '../settings.ts';
import type { CatalogueColumn } from '../types/catalogue-column.ts';

/** A source and the connection that it is read through. */
export interface SourceOfServer {
  readonly source: SourceNode;
  readonly settings: PostgresSettings;
  readonly client: PostgresClient;
}

/** What a source reads: a table or something that reads like one, or a query. */
export interface Relation {
  readonly kind: 'table' | 'view' | 'materialized view' | 'partitioned table' | 'foreign table' | 'query';
  /** Stays the same while the source reads the same table, view definition or query. */
  readonly id: string;
  /** For messages, such as `shop.orders`. */
  readonly label: string;
  /** SQL after FROM, without an alias. */
  readonly sql: string;
}

/** A relation with its columns, as plain data. Equal descriptions are read in the same way. */
export interface DescribedRelation {
  readonly relation: Relation;
  readonly columns: readonly CatalogueColumn[];
  /** The schema of the source with types as DuckDB prints them, in its order; null if it has none. */
  readonly wanted: readonly Column[] | null;
}

export const sameDescription = (one: DescribedRelation, other: DescribedRelation): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
