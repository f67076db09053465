/** Calls `ask` on the first call only, and returns its answer on every call. */
export function once<T>(ask: () => T): () => T {
  let known: { readonly answer: T } | null = null;
  return () => (known ??= { answer: ask() }).answer;
}
