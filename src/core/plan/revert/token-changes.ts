/** Limit on the cells of the common-subsequence table; longer texts are not compared. */
const MOST_CELLS = 16_000_000;

/** Whether `wanted` has every token added from `before` to `after`, and at most half of the removed ones. False for long texts. */
export function holdsChange(before: readonly string[], after: readonly string[], wanted: readonly string[]): boolean {
  const longest = Math.max(before.length, after.length, wanted.length) + 1;
  if (longest * longest > MOST_CELLS) return false;
  const [stays, keeps] = [inCommon(after, before), inCommon(after, wanted)];
  const added = after.map((_, index) => index).filter(index => !stays.has(index));
  const [left, back] = [inCommon(before, after), inCommon(before, wanted)];
  const removed = before.map((_, index) => index).filter(index => !left.has(index));
  if (added.length + removed.length === 0) return false;
  const restored = removed.filter(index => back.has(index));
  return added.every(index => keeps.has(index)) && restored.length * 2 <= removed.length;
}

/** Indices in `list` of a longest common subsequence with `other`. */
function inCommon(list: readonly string[], other: readonly string[]): ReadonlySet<number> {
  const width = other.length + 1;
  const lengths = new Uint16Array((list.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = list.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = list[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const taken = new Set<number>();
  for (let [i, j] = [0, 0]; i < list.length && j < other.length;) {
    if (list[i] === other[j]) {
      taken.add(i);
      [i, j] = [i + 1, j + 1];
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return taken;
}
