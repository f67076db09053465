import { spawn } from '@lydell/node-pty';
import { join } from 'node:path';
import { REPOSITORY } from './repository.ts';
import { extensionFolder } from '../servers/extensions.ts';

const PATIENCE_MS = 30_000;

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  /** The program; the built one by default. */
  readonly binary?: string;
}

/** Runs the program in a pseudo-terminal, where it asks questions, edits lines and uses colours. */
export class Terminal {
  readonly exit: Promise<number>;
  readonly #pty: ReturnType<typeof spawn>;
  #text = '';
  #seen = 0;
  #changed: () => void = () => undefined;

  constructor(words: readonly string[], options: TerminalOptions) {
    const binary = options.binary ?? join(REPOSITORY, 'dist', 'main.js');
    this.#pty = spawn(process.execPath, [binary, ...words], {
      cwd: options.cwd,
      cols: options.columns ?? 120,
      rows: 40,
      env: {
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm-256color',
        SEEKNAL_EXTENSIONS: extensionFolder(),
        ...options.env,
      },
    });
    this.#pty.onData(data => {
      this.#text += data;
      this.#changed();
    });
    this.exit = new Promise(resolve => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  /** All output so far, including control codes. */
  get raw(): string {
    return this.#text;
  }

  /** All output so far, without control codes. */
  get text(): string {
    return plainText(this.#text);
  }

  /** Waits for the next occurrence of a text in the output. */
  async until(text: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.text.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (Date.now() > deadline)
        throw new Error(`the terminal never showed ${JSON.stringify(text)}, but:\n${this.text}`);
      await new Promise<void>(resolve => {
        this.#changed = resolve;
        setTimeout(resolve, 200);
      });
    }
  }

  /** Types a text unchanged; `\r` is Enter, `\u0003` Ctrl-C, `\u0004` Ctrl-D. */
  type(text: string): void {
    this.#pty.write(text);
  }

  kill(): void {
    this.#pty.kill('SIGKILL');
  }
}

/** The visible text: without erased lines and without control codes. */
export const plainText = (text: string): string =>
  text
    .replace(/[^\n]*\r\u001b\[K/g, '')
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replaceAll('\r', '');
