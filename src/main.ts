#!/usr/bin/env node
import { homedir } from 'node:os';
import type { CliContext, OutputStream } from './cli/cli-context.ts';

declare const SEEKNAL_VERSION: string;

const FAILED = 1;
const BUG = 70;
const INTERRUPTED = 130;
const GRACE_MS = 1000;

const words = process.argv.slice(2);
const controller = new AbortController();

const stdout = outputStream(process.stdout);
const stderr = outputStream(process.stderr);

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) await stdout.write(`${SEEKNAL_VERSION}\n`);
else await main();
await finish();

async function main(): Promise<void> {
  process.on('SIGINT', stop);
  process.on('uncaughtException', error => void reportBug(error).finally(() => process.exit(BUG)));
  try {
    const { runCli } = await import('./cli/run-cli.ts');
    process.exitCode = await runCli(words, createContext());
  } catch (error) {
    await reportBug(error);
    process.exitCode = BUG;
  }
}

async function finish(): Promise<void> {
  // A native thread or an open input must not keep a command that is done.
  await Promise.all([stdout.write(''), stderr.write('')]);
  if (stdout.lost !== null) {
    await stderr.write(`error[output-unwritable]: The output cannot be written (${stdout.lost}).\n`);
    process.exitCode ||= FAILED;
  }
  process.exit();
}

interface ProcessStream extends OutputStream {
  /** Why something that was to be read is nowhere, such as `ENOSPC`. */
  readonly lost: string | null;
}

function createContext(): CliContext {
  const world = {
    cwd: process.cwd(),
    home: process.env['HOME'] || homedir(),
    variables: process.env,
    now: () => new Date(),
    signal: controller.signal,
  };
  const stdin = { stream: process.stdin, isTerminal: process.stdin.isTTY };
  return { world, version: SEEKNAL_VERSION, stdout, stderr, stdin };
}

/** Lets the command stop by itself; a second Ctrl-C, or a second of time, ends it. */
function stop(): void {
  if (controller.signal.aborted) process.exit(INTERRUPTED);
  controller.abort();
  setTimeout(() => void stderr.write('Interrupted.\n').then(() => process.exit(INTERRUPTED)), GRACE_MS).unref();
}

function outputStream(stream: NodeJS.WriteStream): ProcessStream {
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
    colour: isTerminal && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
    columns: () => stream.columns || 80,
    stream,
  };
}

async function reportBug(error: unknown): Promise<void> {
  const message = `This is a bug in seeknal ${SEEKNAL_VERSION}: ${error instanceof Error ? error.message : String(error)}`;
  const hint = 'Please report it with the command that you ran; SEEKNAL_DEBUG=1 shows where it happened.';
  await stderr.write(`error[bug]: ${message}\n  hint: ${hint}\n`);
  if (process.env['SEEKNAL_DEBUG'] && error instanceof Error) await stderr.write(`${error.stack}\n`);
  if (!words.includes('--json')) return;
  const diagnostic = { code: 'bug', severity: 'error', message, file: null, line: null, column: null, hint };
  await stdout.write(
    `${JSON.stringify({ format: 'seeknal.error', version: 1, diagnostics: [diagnostic] }, null, 2)}\n`,
  );
}
