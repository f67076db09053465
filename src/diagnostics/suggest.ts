/** The candidate closest to a mistyped word, ignoring case; null if none is close. Ties go to the first. */
export function suggest(word: string, candidates: readonly string[]): string | null {
  const wanted = word.toLowerCase();
  const allowed = Math.max(1, Math.floor(Math.min(wanted.length, 30) / 3));
  let best: string | null = null;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    if (Math.abs(known.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, known);
    if (distance < bestDistance && distance < Math.max(wanted.length, known.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "Did you mean 'x'?", or `otherwise`. */
export function didYouMean(word: string, candidates: readonly string[]): string | null;
export function didYouMean(word: string, candidates: readonly string[], otherwise: string): string;
export function didYouMean(
  word: string,
  candidates: readonly string[],
  otherwise: string | null = null,
): string | null {
  const twin = candidates.find(candidate => candidate !== word && candidate.normalize() === word.normalize());
  if (twin !== undefined) return `Copy '${twin}': it looks the same in other Unicode characters (NFC or NFD).`;
  const close = suggest(word, candidates);
  return close === null ? otherwise : `Did you mean '${close}'?`;
}

/** Damerau-Levenshtein, optimal string alignment: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
