import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BINARY } from '../../test/support/run-binary.ts';
import { runInProcess } from '../../test/support/run-in-process.ts';
import { type CommandStep, type FileStep, splitCommand } from './parse-chapter.ts';
import { readPsql, type ServerRows, unaligned } from './psql-command.ts';

export interface Printed {
  readonly code: number | null;
  /** Output as on the page: includes prompts and input, and stderr if the step asks for it. */
  readonly lines: readonly string[];
  /** All of stdout and stderr, for error reports. */
  readonly everything: string;
}

/** A server for the commands of chapters that need one. */
export interface ReaderServer {
  /** Environment variables of every command from now on. */
  readonly variables: Readonly<Record<string, string>>;
  readonly rows: ServerRows;
}

/** A temporary folder with its own home directory, in which the steps of chapters run. */
export class ReaderFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'seeknal-tutorial-'));
  #cwd: string;
  #server: ReaderServer | null = null;

  constructor() {
    this.#cwd = join(this.#folder, 'work');
    mkdirSync(this.#cwd);
    mkdirSync(join(this.#folder, 'home'));
  }

  get path(): string {
    return this.#cwd;
  }

  /** Gives the reader a server. */
  connect(server: ReaderServer): void {
    this.#server = server;
  }

  write(step: FileStep): void {
    const path = resolve(this.#cwd, step.path);
    mkdirSync(dirname(path), { recursive: true });
    if (step.append) appendFileSync(path, step.text);
    else writeFileSync(path, step.text);
  }

  /** Runs a command in this process and returns what a page would show. */
  async run(step: CommandStep): Promise<Printed> {
    const words = splitCommand(step.command);
    if (words[0] === 'cd') return this.#changeFolder(words[1] ?? '');
    if (words[0] === 'psql') return this.#runPsql(words.slice(1));
    if (words[0] !== 'seeknal')
      throw new Error(`a chapter may only run 'seeknal', 'psql' and 'cd', not '${step.command}'`);
    return step.typed.length === 0 ? this.#runOnce(step, '') : this.#runTyped(step);
  }

  /** Runs a command of the built program in the terminal of this process and returns its exit code. */
  runAloud(step: CommandStep): number | null {
    const words = splitCommand(step.command);
    if (words[0] === 'cd') return this.#changeFolder(words[1] ?? '').code;
    const input = step.typed.map(({ text }) => `${text}\n`).join('');
    return spawnSync(process.execPath, [BINARY, ...words.slice(1)], {
      cwd: this.#cwd,
      env: this.#environment(process.env),
      input,
      stdio: ['pipe', 'inherit', 'inherit'],
    }).status;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #changeFolder(path: string): Printed {
    this.#cwd = resolve(this.#cwd, path);
    return { code: 0, lines: [], everything: '' };
  }

  async #runPsql(words: readonly string[]): Promise<Printed> {
    if (this.#server === null) throw new Error('the chapter does not say that it needs a server');
    const { database, sql } = readPsql(words, this.#cwd);
    const lines = unaligned(await this.#server.rows(sql, database));
    return { code: 0, lines, everything: lines.join('\n') };
  }

  /** Runs the command repeatedly, each time with one more statement; the additional output belongs to that statement. */
  async #runTyped(step: CommandStep): Promise<Printed> {
    let last = await this.#runOnce(step, '');
    const lines = [...linesOf(last.everything)];
    let before = last.everything;
    for (const [index, { prompt, text }] of step.typed.entries()) {
      const input = step.typed
        .slice(0, index + 1)
        .map(typed => `${typed.text}\n`)
        .join('');
      last = await this.#runOnce(step, input);
      if (!last.everything.startsWith(before))
        throw new Error(`'${step.command}' printed different output in a repeated run`);
      lines.push(`${prompt}${text}`, ...linesOf(last.everything.slice(before.length)));
      before = last.everything;
    }
    return { ...last, lines };
  }

  async #runOnce(step: CommandStep, input: string): Promise<Printed> {
    let printed = '';
    const { code, stdout, stderr } = await runInProcess(splitCommand(step.command).slice(1), {
      cwd: this.#cwd,
      env: { HOME: join(this.#folder, 'home'), ...this.#server?.variables },
      input,
      told: text => (printed += text),
    });
    const shown = step.all ? printed : stdout;
    const everything = step.typed.length > 0 || step.all ? shown : `${stdout}${stderr}`;
    return { code, lines: linesOf(shown), everything };
  }

  #environment(base: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
    return { ...base, HOME: join(this.#folder, 'home'), SEEKNAL_AUTHOR: 'ana' };
  }
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
