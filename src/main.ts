#!/usr/bin/env node
import { homedir } from 'node:os';
import { programOutput } from './cli/program-output.ts';
import { type Outside, reportBug, runMain } from './cli/run-main.ts';

declare const SEEKNAL_VERSION: string;

const INTERRUPTED = 130;
const GRACE_MS = 1000;

const controller = new AbortController();
const outside: Outside = {
  words: process.argv.slice(2),
  version: SEEKNAL_VERSION,
  world: {
    cwd: process.cwd(),
    home: process.env['HOME'] || homedir(),
    variables: process.env,
    now: () => new Date(),
    signal: controller.signal,
  },
  stdout: programOutput(process.stdout, process.env),
  stderr: programOutput(process.stderr, process.env),
  stdin: {
    // A getter, so that only commands that read stdin open it.
    get stream() {
      return process.stdin;
    },
    get isTerminal() {
      return process.stdin.isTTY;
    },
  },
};

process.on('SIGINT', stop);
process.on('uncaughtException', error => void reportBug(error, outside).then(code => process.exit(code)));
// A native thread or an open input would otherwise keep a finished command running.
process.exit(await runMain(outside));

/** Asks the command to stop; a second Ctrl-C, or one second, ends the process. */
function stop(): void {
  if (controller.signal.aborted) process.exit(INTERRUPTED);
  controller.abort();
  setTimeout(() => void outside.stderr.write('Interrupted.\n').then(() => process.exit(INTERRUPTED)), GRACE_MS).unref();
}
