import type { Readable, Writable } from 'node:stream';
import type { World } from '../core/world.ts';

/** One output of the process. */
export interface OutputStream {
  /** Resolves once more may be written. Never fails: what nobody reads any more is dropped, see `closed`. */
  write(text: string): Promise<void>;
  /** The reader has gone away. */
  readonly closed: boolean;
  readonly isTerminal: boolean;
  readonly colour: boolean;
  columns(): number;
  /** For what draws by itself, such as a line editor. */
  readonly stream: Writable;
}

export interface InputStream {
  readonly stream: Readable;
  readonly isTerminal: boolean;
}

/** What main hands to the commands: the outside, but for what a single command adds. */
export interface CliContext {
  readonly world: Omit<World, 'emit'>;
  readonly version: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
}
