/** A sequence of numbers as a sequence of decisions: what fast-check makes smaller, decides for what stands first. */
export class Choices {
  readonly #values: readonly number[];
  #next = 0;

  constructor(values: readonly number[]) {
    this.#values = values;
  }

  /** From 0 up to, and without, `limit`; 0 where the sequence has ended. */
  below(limit: number): number {
    return (this.#values[this.#next++] ?? 0) % limit;
  }

  of<T>(options: readonly T[]): T {
    const option = options[this.below(options.length)];
    if (option === undefined) throw new Error('nothing to choose from');
    return option;
  }

  /** True in so many of a hundred; false at the end of the sequence. */
  percent(share: number): boolean {
    return this.below(100) >= 100 - share;
  }
}
