import type { Column } from '../../core/definition/nodes/node.ts';

/** An earlier statement of a transform. */
export interface PreparingQuery {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  readonly text: string;
  /** The SELECT of a table or view, which is the end of `text`. */
  readonly query: string | null;
}

/** A transform to describe. */
export interface QueryToDescribe {
  readonly prepare: readonly PreparingQuery[];
  readonly query: string;
  /** The output columns, if known; DuckDB is then not asked for them. */
  readonly columns?: readonly Column[];
}

/** A query with its output columns; `plan` is DuckDB's serialised plan, null if there is none. */
export interface DescribedQuery {
  readonly columns: readonly Column[];
  readonly plan: string | null;
  /** Why there is no plan. */
  readonly why: string | null;
  /** Whether the columns depend on the data (PIVOT without IN); then only the grouping columns are listed. */
  readonly late?: boolean;
}

/** DuckDB's description of a transform, found without data. */
export type Described =
  | ({
      readonly kind: 'described';
      /** Types as stored, by position. */
      readonly prepared: readonly (DescribedQuery & { readonly name: string; readonly kind: PreparingQuery['kind'] })[];
      /** Columns whose type cannot be stored, for messages. */
      readonly unstorable: readonly Column[];
      /** All types before the mapping, by position. */
      readonly computed: readonly string[];
    } & DescribedQuery)
  | QueryMistake;

/** Why a query does not bind. `offset` is in bytes of the statement's text. */
export interface QueryMistake {
  readonly kind: 'mistake';
  /** DuckDB's error type (`binder`, `parser`, `permission`, …) and subtype (`COLUMN_NOT_FOUND`, …). */
  readonly type: string;
  readonly subtype: string | null;
  readonly message: string;
  readonly offset: number | null;
  /** Index of the preparing statement; null for the query itself. */
  readonly statement: number | null;
  /** Names that DuckDB suggests instead. */
  readonly candidates: readonly string[];
  /** The name that was not found. */
  readonly name: string | null;
}

/** DuckDB's answer about one query. */
export type Answer = DescribedQuery | Omit<QueryMistake, 'statement'>;
