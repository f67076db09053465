import type { Disk } from './disk.ts';

/** What use cases need from outside. Only main creates it; nothing below reads argv, the environment or the clock itself. */
export interface World {
  readonly cwd: string;
  /** The user's home directory, for `~/.seeknal`. */
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  emit(event: RunEvent): void;
  /** Where the store writes (default: the file system). */
  readonly disk?: Disk;
}

/** Progress of a command, which views print on stderr. */
export type RunEvent =
  | { readonly kind: 'phase'; readonly text: string }
  | { readonly kind: 'profile'; readonly path: string | null; readonly because: string }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** Number of nodes about to run; more may follow if a verification fails. */
  | { readonly kind: 'work-started'; readonly total: number }
  | { readonly kind: 'node-started'; readonly id: string }
  | {
      readonly kind: 'node-finished';
      readonly id: string;
      readonly status: 'executed' | 'reused' | 'cut_off' | 'failed' | 'skipped';
      readonly rows: number | null;
      readonly seconds: number | null;
      readonly message: string | null;
    }
  /** Rows loaded so far; readers of the table do not see them yet. */
  | { readonly kind: 'target-progress'; readonly id: string; readonly physical: string; readonly rows: number }
  | {
      readonly kind: 'target-finished';
      readonly id: string;
      /** `postgresql dev_analytics.orders`. */
      readonly target: string;
      readonly status: 'written' | 'failed';
      readonly rows: number | null;
      readonly seconds: number | null;
      readonly message: string | null;
    };

/** Options that every command which opens a project takes. */
export interface CommonOptions {
  readonly projectPath?: string;
  /** Seconds (default: 30). */
  readonly lockTimeout?: number;
}
