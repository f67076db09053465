/** Turns a sequence of numbers into decisions. Smaller numbers choose earlier options, so that fast-check can shrink. */
export class Choices {
  readonly #values: readonly number[];
  #next = 0;

  constructor(values: readonly number[]) {
    this.#values = values;
  }

  /** From 0 to `limit` - 1; 0 after the end of the sequence. */
  below(limit: number): number {
    return (this.#values[this.#next++] ?? 0) % limit;
  }

  of<T>(options: readonly T[]): T {
    const option = options[this.below(options.length)];
    if (option === undefined) throw new Error('nothing to choose from');
    return option;
  }

  /** True in the given percentage of cases; false after the end of the sequence. */
  percent(share: number): boolean {
    return this.below(100) >= 100 - share;
  }
}
