import type { Disk } from './disk.ts';

/** What a use case needs from outside, made once by main: nothing below reads argv, the environment or the clock by itself. */
export interface World {
  readonly cwd: string;
  /** The user's home directory, for `~/.seeknal`. */
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  emit(event: RunEvent): void;
  /** Where the store writes; the file system, unless said otherwise. */
  readonly disk?: Disk;
}

/** What happens while a command works, for the progress that a person sees on stderr. */
export type RunEvent =
  | { readonly kind: 'phase'; readonly text: string }
  | { readonly kind: 'profile'; readonly path: string | null; readonly because: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** How many nodes are about to run; more may follow where a reuse is not verified. */
  | { readonly kind: 'work-started'; readonly total: number }
  | { readonly kind: 'node-started'; readonly id: string }
  | {
      readonly kind: 'node-finished';
      readonly id: string;
      readonly status: 'executed' | 'reused' | 'cut_off' | 'failed' | 'skipped';
      readonly rows: number | null;
      readonly seconds: number | null;
      readonly message: string | null;
    };

/** Options that every command which opens a project takes. */
export interface CommonOptions {
  readonly projectPath?: string;
  /** Seconds; 30 unless said otherwise. */
  readonly lockTimeout?: number;
}
