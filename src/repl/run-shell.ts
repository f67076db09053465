import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promptsOf, type Prompts } from './banner.ts';
import { readHistory, writeHistory } from './history.ts';
import type { ReplOutput } from './repl-output.ts';
import type { OpenedRepl } from './repl-session.ts';
import { runLine } from './run-script.ts';
import { StatementBuffer } from './statement-buffer.ts';

/** The context of an interactive session. */
export interface ShellInput {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly home: string;
  readonly opened: OpenedRepl;
  readonly output: ReplOutput;
  /** Aborting it ends the shell. */
  readonly signal: AbortSignal;
}

/** Runs an interactive session until `.quit` or the end of input. */
export async function runShell(shell: ShellInput): Promise<void> {
  const lines = createInterface({
    input: shell.stdin,
    output: shell.stdout,
    terminal: true,
    history: [...readHistory(shell.home)],
    historySize: 1000,
    removeHistoryDuplicates: true,
  });
  let history: readonly string[] = [];
  lines.on('history', (entries: string[]) => (history = entries));
  const stop = (): void => lines.close();
  shell.signal.addEventListener('abort', stop);
  try {
    await new Conversation(lines, shell).done;
  } finally {
    shell.signal.removeEventListener('abort', stop);
    if (history.length > 0) writeHistory(shell.home, history);
  }
}

/** Lines that arrive while a query runs wait in a queue. */
class Conversation {
  readonly done: Promise<void>;
  readonly #lines: Interface;
  readonly #shell: ShellInput;
  readonly #prompts: Prompts;
  readonly #buffer = new StatementBuffer();
  readonly #waiting: string[] = [];
  #query: AbortController | null = null;
  #closed = false;
  #left = false;

  constructor(lines: Interface, shell: ShellInput) {
    this.#lines = lines;
    this.#shell = shell;
    this.#prompts = promptsOf(shell.opened.environment);
    this.done = new Promise((resolve, reject) => {
      lines.on('line', line => {
        this.#waiting.push(line);
        this.#work().catch(reject);
      });
      lines.on('SIGINT', () => this.#interrupt());
      lines.on('close', () => {
        this.#closed = true;
        this.#query?.abort();
        // After Ctrl-D the cursor is still after the prompt.
        void shell.output.out(this.#left ? '' : '\n').then(resolve, reject);
      });
    });
    this.#prompt();
  }

  async #work(): Promise<void> {
    if (this.#query !== null) return;
    for (let line = this.#waiting.shift(); line !== undefined && !this.#closed; line = this.#waiting.shift()) {
      const query = new AbortController();
      this.#query = query;
      try {
        const { opened, output } = this.#shell;
        if ((await runLine(line, this.#buffer, { opened, output, signal: query.signal })) === 'quit')
          this.#lines.close();
      } finally {
        this.#query = null;
      }
    }
    if (!this.#closed) this.#prompt();
  }

  /** Ctrl-C: stops the query, or clears the typed text. */
  #interrupt(): void {
    if (this.#query !== null) {
      this.#waiting.length = 0;
      this.#query.abort();
      return;
    }
    this.#buffer.clear();
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#shell.stdout.write('^C\n');
    this.#prompt();
  }

  #prompt(): void {
    this.#lines.setPrompt(this.#buffer.isEmpty ? this.#prompts.first : this.#prompts.next);
    this.#lines.prompt();
  }
}
