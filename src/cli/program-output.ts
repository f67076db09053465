import type { Writable } from 'node:stream';
import type { OutputStream } from './cli-context.ts';

/** A stream of the process, or a replacement in tests. */
export type OutputTarget = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** An output of the whole program. */
export interface ProgramOutput extends OutputStream {
  /** Why output was lost although its reader is still there, such as `ENOSPC`; null if nothing was lost. */
  readonly lost: string | null;
}

/** Wraps a stream for the commands. `variables` decide whether a terminal shows colour. */
export function programOutput(
  stream: OutputTarget,
  variables: Readonly<Record<string, string | undefined>>,
): ProgramOutput {
  let closed = false;
  let lost: string | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code !== 'EPIPE') lost = error.code ?? error.message;
  });
  const isTerminal = stream.isTTY === true;
  return {
    write: text => (closed ? Promise.resolve() : new Promise(resolve => stream.write(text, () => resolve()))),
    get closed() {
      return closed;
    },
    get lost() {
      return lost;
    },
    isTerminal,
    colour: isTerminal && !variables['NO_COLOR'] && variables['TERM'] !== 'dumb',
    columns: () => stream.columns || 80,
    stream,
  };
}
