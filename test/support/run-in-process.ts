import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { programOutput } from '../../src/cli/program-output.ts';
import { runMain } from '../../src/cli/run-main.ts';
import type { Disk } from '../../src/core/disk.ts';
import type { CliOptions, Outcome } from './run-binary.ts';
import { extensionFolder } from '../servers/extensions.ts';

declare const SEEKNAL_VERSION: string;

export interface InProcessOptions extends CliOptions {
  readonly cwd: string;
  /** Typed input; makes all three streams a terminal. */
  readonly terminal?: Readable;
  /** Called with everything written to stdout or stderr, in order. */
  told?(text: string): void;
  readonly disk?: Disk;
  /** Default: the current time. */
  now?(): Date;
}

/** Runs one command line in this process, through the same entry point as the binary, with streams in memory. */
export async function runInProcess(words: readonly string[], options: InProcessOptions): Promise<Outcome> {
  const { cwd, input = '', env, terminal, disk, now = () => new Date() } = options;
  const variables: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    NO_COLOR: '1',
    SEEKNAL_AUTHOR: 'ana',
    // A bundled fixture does not know where the repository is.
    SEEKNAL_EXTENSIONS: process.env['SEEKNAL_EXTENSIONS'] ?? extensionFolder(),
    ...env,
  };
  const [out, err] = [collector(options), collector(options)];
  const code = await runMain({
    words,
    version: SEEKNAL_VERSION,
    world: {
      cwd,
      home: variables['HOME'] ?? join(cwd, 'no-home'),
      variables,
      now,
      signal: new AbortController().signal,
      ...(disk ? { disk } : {}),
    },
    stdout: programOutput(out.stream, variables),
    stderr: programOutput(err.stream, variables),
    stdin: {
      stream: terminal ?? Readable.from(input === '' ? [] : [Buffer.from(input)]),
      isTerminal: terminal !== undefined,
    },
  });
  return { code, stdout: out.text(), stderr: err.text() };
}

function collector({ terminal, told }: Pick<InProcessOptions, 'terminal' | 'told'>) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      told?.(chunk.toString());
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY: terminal !== undefined, columns: 80 }),
    text: () => Buffer.concat(chunks).toString(),
  };
}
