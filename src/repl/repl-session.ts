import type { Json } from '../core/json.ts';
import type { Column } from '../core/definition/nodes/node.ts';

/** The rows of one statement, as they come; leaving the loop early ends the query. */
export interface QueryResult {
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly (readonly unknown[])[]>;
  /** A value of a row as exact JSON. */
  toJson(value: unknown, column: number): Json;
  /** The same as DuckDB writes it; null for NULL. */
  toText(value: unknown, column: number): string | null;
}

/** A read-only session over the outputs of one generation. Throws a tool error for what DuckDB refuses. */
export interface ReplSession {
  /** Runs the statements of a text one after the other, each when the result before has been read. */
  statements(sql: string, signal: AbortSignal): AsyncIterable<QueryResult>;
  /** Writes the rows of one query into a new file; the number of rows. */
  writeParquet(
    sql: string,
    path: string,
    options: { readonly limit: number | null; readonly signal: AbortSignal },
  ): Promise<number>;
  close(): void;
}

export interface ReplTable {
  /** `transform_daily_revenue`. */
  readonly view: string;
  /** The bare name that means the same; null where it is taken. */
  readonly alias: string | null;
  /** `transform.daily_revenue`. */
  readonly node: string;
}

/** What a REPL begins with. */
export interface OpenedRepl {
  readonly session: ReplSession;
  /** The project's, absolute; null outside one. */
  readonly root: string | null;
  /** null outside a project. */
  readonly projectName: string | null;
  readonly environment: string | null;
  readonly tables: readonly ReplTable[];
  /** ISO 8601. */
  readonly lastRun: string | null;
  /** Where production has moved on since the environment's base. */
  readonly basedOn: { readonly serial: number; readonly production: number } | null;
  readonly warnings: readonly string[];
}
