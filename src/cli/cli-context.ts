import type { Readable, Writable } from 'node:stream';
import type { World } from '../core/world.ts';

/** One output of the process. */
export interface OutputStream {
  /** Resolves once more text may be written. Never fails: text without a reader is dropped, see `closed`. */
  write(text: string): Promise<void>;
  /** Whether the reader has gone away. */
  readonly closed: boolean;
  readonly isTerminal: boolean;
  readonly colour: boolean;
  columns(): number;
  /** For components that draw by themselves, such as a line editor. */
  readonly stream: Writable;
}

/** The input of the process. */
export interface InputStream {
  readonly stream: Readable;
  readonly isTerminal: boolean;
}

/** The environment of all commands; a command adds its own events. */
export interface CliContext {
  readonly world: Omit<World, 'emit'>;
  readonly version: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
}
