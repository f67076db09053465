/** Contestants by name; each run measures itself and returns seconds, so that preparation is not counted. */
export type Contestants<Name extends string> = Readonly<Record<Name, (round: number) => Promise<number>>>;

/** Medians over several rounds. All contestants run in each round, so that a slow machine affects all of them. */
export async function interleave<Name extends string>(
  rounds: number,
  contestants: Contestants<Name>,
): Promise<Readonly<Record<Name, number>>> {
  // Object.entries loses the type of the keys.
  const entries = Object.entries(contestants) as [Name, Contestants<Name>[Name]][];
  const taken = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of entries) taken.get(name)?.push(await run(round));
  }
  const medians = entries.map(([name]) => [name, median(taken.get(name) ?? [])] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
