import { type ChildProcess, spawn } from 'node:child_process';
import type { Connection } from '../core/connection.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { isPasswordCommand } from './connections.ts';
import type { Variables } from './dot-env.ts';

const SECONDS = 10;

/** Where commands run. */
export interface CommandSurroundings {
  /** Working directory: the project's root. */
  readonly root: string;
  readonly variables: Variables;
  readonly signal: AbortSignal;
}

/** Fills in the password of a connection that has a `password_command`; returns other connections unchanged. */
export type FillPassword = (connection: Connection) => Promise<Connection>;

/**
 * Runs each `password_command` once, without a shell, when its connection is used. Throws `password-command` if it fails;
 * errors never contain its output or its arguments.
 */
export function passwordCommands(around: CommandSurroundings): FillPassword {
  const outputs = new Map<string, Promise<string>>();
  return async connection => {
    const { password_command: command, ...settings } = connection.settings;
    if (!isPasswordCommand(command)) return connection;
    const key = JSON.stringify(command);
    const output = outputs.get(key) ?? outputOf(command, around);
    outputs.set(key, output);
    const password = await output.catch((error: unknown) => {
      throw commandError(connection.name, error, around.signal);
    });
    return { ...connection, settings: { ...settings, password } };
  };
}

/** Why a command gave no password; continues the sentence `password_command …`. */
class CommandFailure extends Error {}

/** Standard output without its last line break. */
async function outputOf(
  [program, ...args]: readonly [string, ...string[]],
  around: CommandSurroundings,
): Promise<string> {
  const child = spawn(program, args, {
    cwd: around.root,
    env: around.variables,
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own, so that its children end with it.
    detached: true,
  });
  const output = (await finished(child, around.signal)).replace(/\r?\n$/, '');
  if (output === '') throw new CommandFailure('printed no password');
  return output;
}

function finished(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    const stop = (why: string) => (): void => {
      endGroup(child);
      reject(new CommandFailure(why));
    };
    const timer = setTimeout(stop(`did not finish within ${SECONDS} s`), SECONDS * 1000);
    const abort = stop('was interrupted');
    signal.addEventListener('abort', abort);
    const done = (settle: () => void) => (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    child.on('error', error => done(() => reject(new CommandFailure(startFailure(error))))());
    child.on('close', (code, killedBy) =>
      done(() =>
        code === 0 ? resolve(Buffer.concat(chunks).toString('utf8')) : reject(exitFailure(code, killedBy)),
      )(),
    );
  });
}

const exitFailure = (code: number | null, killedBy: string | null): CommandFailure =>
  new CommandFailure(code === null ? `was ended by ${killedBy}` : `exited with code ${code}`);

/** Does not name the program, which may be a whole command line with secrets by mistake. */
function startFailure(error: Error): string {
  const code = 'code' in error ? String(error.code) : 'unknown reason';
  return `could not start (${code === 'ENOENT' ? 'its program was not found' : code})`;
}

function endGroup(child: ChildProcess): void {
  child.stdout?.destroy();
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

function commandError(name: string, error: unknown, signal: AbortSignal): ToolError {
  if (signal.aborted) return new ToolError('interrupted', 'Interrupted.', { exitCode: 130 });
  const what = error instanceof CommandFailure ? error.message : 'could not start';
  return new ToolError('password-command', `Connection '${name}': password_command ${what}.`, {
    hint: 'Run the command by hand in the project root, and check what it prints.',
  });
}
