import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from './repository.ts';
import { extensionFolder } from '../servers/extensions.ts';

export const BINARY = join(REPOSITORY, 'dist', 'main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BinaryOptions extends CliOptions {
  readonly cwd: string;
  /** The program; the built one by default. */
  readonly binary?: string;
}

/** Runs the built program in a separate process; does not reject for any exit code. */
export function runBinary(words: readonly string[], options: BinaryOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.binary ?? BINARY, ...words], {
      cwd: options.cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        NO_COLOR: '1',
        SEEKNAL_AUTHOR: 'ana',
        SEEKNAL_EXTENSIONS: extensionFolder(),
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // A program may end without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', code =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}
