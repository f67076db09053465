import type { Column } from '../../core/definition/nodes/node.ts';

/** An earlier statement of a transform. */
export interface PreparingQuery {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  readonly text: string;
  /** The SELECT that makes a table or view, which is the end of `text`. */
  readonly query: string | null;
}

/** A transform whose columns and plan are asked for. */
export interface QueryToDescribe {
  readonly prepare: readonly PreparingQuery[];
  readonly query: string;
  /** What it gives, where that is known: DuckDB is not asked for it. */
  readonly columns?: readonly Column[];
}

/** A query with its output columns; `plan` is DuckDB's serialised plan, null where it has none. */
export interface DescribedQuery {
  readonly columns: readonly Column[];
  readonly plan: string | null;
  /** Why there is no plan. */
  readonly why: string | null;
  /** The columns depend on the data: a PIVOT without IN. Over empty tables it has only those that it groups by. */
  readonly late?: boolean;
}

/** What DuckDB says of a transform without any data. */
export type Described =
  | ({
      readonly kind: 'described';
      /** Types as stored, by position. */
      readonly prepared: readonly (DescribedQuery & { readonly name: string; readonly kind: PreparingQuery['kind'] })[];
      /** Types before the mapping, where the mapping changes them: for messages. */
      readonly unstorable: readonly Column[];
      /** All types before the mapping, by position. */
      readonly computed: readonly string[];
    } & DescribedQuery)
  | QueryMistake;

/** Why a query does not bind. `offset` is in bytes of the statement's text. */
export interface QueryMistake {
  readonly kind: 'mistake';
  /** DuckDB's kind of error (`binder`, `parser`, `permission`, …) and what it was about (`COLUMN_NOT_FOUND`, …). */
  readonly type: string;
  readonly subtype: string | null;
  readonly message: string;
  readonly offset: number | null;
  /** Of the preparing statements; null for the query itself. */
  readonly statement: number | null;
  /** Names that DuckDB takes for what was meant. */
  readonly candidates: readonly string[];
  /** The name that was not found. */
  readonly name: string | null;
}

/** DuckDB's answer about one query. */
export type Answer = DescribedQuery | Omit<QueryMistake, 'statement'>;
