/** Why a node failed, as a message for people. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Names in the query that the failure concerns, if DuckDB reports them. */
  readonly words: readonly string[];
  /** DuckDB's message; null if the failure is not DuckDB's. */
  readonly said: string | null;
}
