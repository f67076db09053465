/** One line of the table. */
export interface Figure {
  readonly what: string;
  /** What was measured, for people: seconds, bytes, or times by which it is slower. */
  readonly measured: string;
  /** What it stands against, or how it came about. */
  readonly against: string;
  /** null where there is none to be met. */
  readonly goal: string | null;
  readonly met: boolean;
}

export interface Bench {
  /** Smaller projects and fewer repetitions: tells whether it works, not how fast it is. */
  readonly quick: boolean;
  /** An empty folder that goes with the process. */
  folder(): string;
  /** Tells what is going on. */
  say(text: string): void;
}

export interface Measure {
  readonly name: string;
  run(bench: Bench): Promise<readonly Figure[]>;
}

/** A figure that is a ratio of two times, which may be at most `goal`. */
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
