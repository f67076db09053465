import type { PostgresSettings } from './settings.ts';

/** One connection to a server, for catalogue queries and transactions; runs one statement at a time. */
export interface PostgresClient {
  /** Whether the connection is encrypted. */
  readonly tls: boolean;
  /**
   * Rows of one statement, with values as text (NULL is null); parameters are `$1`, `$2`, … . Throws `PostgresError` for an
   * error of the server, and a ToolError if the connection is lost or the command was interrupted.
   */
  rows(sql: string, parameters?: readonly (string | number | null)[]): Promise<readonly (readonly (string | null)[])[]>;
  /** Runs one or more statements without parameters; the number of rows that the last one affected. */
  run(sql: string): Promise<number>;
  /** Output columns of a query, without running it. */
  describe(query: string): Promise<readonly DescribedField[]>;
  /** Runs `work` in a transaction with these properties, such as `ISOLATION LEVEL REPEATABLE READ, READ ONLY`. */
  transaction<T>(properties: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** An output column of a query. */
export interface DescribedField {
  readonly name: string;
  /** OID of the type. */
  readonly type: number;
  /** -1 for none. */
  readonly modifier: number;
  /** OID and column number of the table that it comes from; 0 for expressions. */
  readonly table: number;
  readonly column: number;
}

/** An error that the server sent. */
export class PostgresError extends Error {
  /** SQLSTATE, five characters. */
  readonly state: string;
  readonly detail: string | null;
  readonly hint: string | null;

  constructor(state: string, message: string, more: { readonly detail?: string; readonly hint?: string } = {}) {
    super(message);
    this.name = 'PostgresError';
    this.state = state;
    this.detail = more.detail ?? null;
    this.hint = more.hint ?? null;
  }
}

/** Connects to a server. Throws a ToolError that tells the causes apart; it repeats no secret. */
export async function connect(settings: PostgresSettings, signal: AbortSignal): Promise<PostgresClient> {
  throw new Error(`not built: ${settings.name} ${signal.aborted}`);
}
