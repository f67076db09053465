/** Flags that decide what is written outside the store. */
export interface TargetChoice {
  /** Whether external targets are written (default: true). */
  readonly materialize?: boolean;
  /** Allows taking over tables and schemas that this store did not make. */
  readonly adopt?: boolean;
}
