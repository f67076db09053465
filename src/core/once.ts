/** Asks at most once, and not before the answer is needed. */
export function once<T>(ask: () => T): () => T {
  let known: { readonly answer: T } | null = null;
  return () => (known ??= { answer: ask() }).answer;
}
