/** One line of the table. */
export interface Figure {
  readonly what: string;
  /** The measured value as text: seconds, bytes or a ratio. */
  readonly measured: string;
  /** The baseline, or how the value was measured. */
  readonly against: string;
  /** null if there is no goal. */
  readonly goal: string | null;
  readonly met: boolean;
}

export interface Bench {
  /** Smaller projects and fewer repetitions: tests that the measure works, not how fast the program is. */
  readonly quick: boolean;
  /** Creates an empty folder that is removed with the process. */
  folder(): string;
  /** Reports progress. */
  say(text: string): void;
}

export interface Measure {
  readonly name: string;
  run(bench: Bench): Promise<readonly Figure[]>;
}

/** A ratio of two times in seconds, which must not exceed `goal`. */
export function ratioFigure(
  what: string,
  times: { readonly own: number; readonly other: number; readonly against: string; readonly goal: number },
): Figure {
  const ratio = times.own / times.other;
  return {
    what,
    measured: `${ratio.toFixed(2)} × (${seconds(times.own)})`,
    against: `${times.against} (${seconds(times.other)})`,
    goal: `≤ ${times.goal} ×`,
    met: ratio <= times.goal,
  };
}

export const seconds = (value: number): string =>
  value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`;

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
