/** Columns of inputs by name, `kind.name.column`. */
export type Dependencies = ReadonlySet<string>;

export const NO_DEPENDENCIES: Dependencies = new Set();

/** Reuses its arguments where possible: most sets of a plan are empty or the same. */
export function union(...sets: readonly Dependencies[]): Dependencies {
  let result = NO_DEPENDENCIES;
  let own: Set<string> | null = null;
  for (const set of sets) {
    if (set.size === 0 || set === result) continue;
    if (result.size === 0) result = set;
    else {
      own ??= new Set(result);
      for (const name of set) own.add(name);
      result = own;
    }
  }
  return result;
}
