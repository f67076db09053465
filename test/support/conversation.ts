import { PassThrough } from 'node:stream';
import { until } from './until.ts';
import { type InProcessOptions, runInProcess } from './run-in-process.ts';

/** A command in this process with a simulated terminal; a test can wait for its questions and answer them. */
export class Conversation {
  readonly exit: Promise<number | null>;
  readonly #input = new PassThrough();
  #text = '';
  #seen = 0;

  constructor(words: readonly string[], options: Omit<InProcessOptions, 'input' | 'terminal' | 'told'>) {
    const told = (text: string): void => void (this.#text += text);
    const run = runInProcess(words, { ...options, terminal: this.#input, told });
    this.exit = run.then(({ code }) => code);
  }

  /** All output so far, stdout and stderr. */
  get text(): string {
    return this.#text;
  }

  /** Waits for the next occurrence of a text in the output. */
  async until(text: string): Promise<void> {
    await until(
      () => this.#text.includes(text, this.#seen),
      () => `no ${JSON.stringify(text)} in:\n${this.#text}`,
    );
    this.#seen = this.#text.indexOf(text, this.#seen) + text.length;
  }

  /** Types a line and Enter. */
  answer(line: string): void {
    this.#input.write(`${line}\n`);
  }

  /** Ends the input, as Ctrl-D does. */
  end(): void {
    this.#input.end();
  }
}
