/** Why a node failed, in plain words. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** What of the query it is about, where DuckDB says so. */
  readonly words: readonly string[];
  /** What DuckDB said; null where it was not asked. */
  readonly said: string | null;
}
