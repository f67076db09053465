import type { Json } from '../core/json.ts';
import type { Column } from '../core/definition/nodes/node.ts';

/** The rows of one statement as they arrive; leaving the loop early ends the query. */
export interface QueryResult {
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly (readonly unknown[])[]>;
  /** A value of a row as exact JSON. */
  toJson(value: unknown, column: number): Json;
  /** The same as DuckDB writes it; null for NULL. */
  toText(value: unknown, column: number): string | null;
}

/** A read-only session over the outputs of one generation. Throws a tool error for statements that DuckDB refuses. */
export interface ReplSession {
  /** Names of the databases of servers that are attached now. */
  readonly attached: readonly string[];
  /** Runs the statements of a text one by one, each after the previous result was read. */
  statements(sql: string, signal: AbortSignal): AsyncIterable<QueryResult>;
  /** Writes the rows of one query into a new file and returns their number. */
  writeParquet(
    sql: string,
    path: string,
    options: { readonly limit: number | null; readonly signal: AbortSignal },
  ): Promise<number>;
  close(): void;
}

/** A node's output as a view. */
export interface ReplTable {
  /** `transform_daily_revenue`. */
  readonly view: string;
  /** The bare name of the same node; null if another node has it. */
  readonly alias: string | null;
  /** `transform.daily_revenue`. */
  readonly node: string;
}

/** An opened REPL: its session and the facts for its banner. */
export interface OpenedRepl {
  readonly session: ReplSession;
  /** Absolute project root; null outside a project. */
  readonly root: string | null;
  /** null outside a project. */
  readonly projectName: string | null;
  readonly environment: string | null;
  readonly tables: readonly ReplTable[];
  /** ISO 8601. */
  readonly lastRun: string | null;
  /** Set if production has changed since the environment's base. */
  readonly basedOn: { readonly serial: number; readonly production: number } | null;
  /** Names of the databases of servers that are attached at the start. */
  readonly attached: readonly string[];
  readonly warnings: readonly string[];
}
