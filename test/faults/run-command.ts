import { Readable, Writable } from 'node:stream';
import type { CliContext, OutputStream } from '../../src/cli/cli-context.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import type { Disk } from '../../src/core/disk.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, as `main` would, on the disk that it is given. */
export async function runCommand(root: string, words: readonly string[], disk?: Disk): Promise<Outcome> {
  const [out, err] = [collector(), collector()];
  const world = {
    cwd: root,
    home: `${root}/no-home`,
    variables: { SEEKNAL_AUTHOR: 'ana' },
    now: () => new Date(),
    signal: new AbortController().signal,
    ...(disk ? { disk } : {}),
  };
  const stdin = { stream: Readable.from([]), isTerminal: false };
  const context: CliContext = { world, version: '0.0.0', stdout: out.stream, stderr: err.stream, stdin };
  const code = await runCli(words, context);
  return { code, stdout: out.text(), stderr: err.text() };
}

/** The same for a command that must succeed; gives what it printed. */
export async function succeed(root: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(root, words);
  if (code !== 0) throw new Error(`seeknal ${words.join(' ')} exited ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

function collector(): { readonly stream: OutputStream; text(): string } {
  const texts: string[] = [];
  const stream: OutputStream = {
    write: async text => void texts.push(text),
    closed: false,
    isTerminal: false,
    colour: false,
    columns: () => 80,
    stream: new Writable(),
  };
  return { stream, text: () => texts.join('') };
}
