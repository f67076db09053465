import { isAbsolute, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import type { RunEvent, World } from '../core/world.ts';
import type { RunDocument } from '../core/documents/run-document.ts';
import { type Diagnostic, withoutFrames } from '../diagnostics/diagnostic.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import { renderDiagnostics } from '../views/diagnostics-view.ts';
import { Progress } from '../views/progress-view.ts';
import { createStyle, type Style } from '../views/text/style.ts';
import type { CliContext } from './cli-context.ts';

/** What one command works with: a world that shows its progress, and its outputs. */
export class CommandSession {
  readonly context: CliContext;
  readonly world: World;
  /** Only the document goes to stdout. */
  readonly json: boolean;
  /** For stdout. */
  readonly style: Style;
  readonly #progress: Progress;

  constructor(context: CliContext, json: boolean) {
    const { stderr } = context;
    this.context = context;
    this.json = json;
    this.style = createStyle(context.stdout.colour);
    this.#progress = new Progress({
      write: text => void stderr.write(text),
      live: stderr.isTerminal,
      columns: () => stderr.columns(),
      style: createStyle(stderr.colour),
    });
    // What Ctrl-C cut short did not fail by itself.
    const emit = (event: RunEvent): void => {
      if (!context.world.signal.aborted) this.#progress.show(event);
    };
    this.world = { ...context.world, emit };
  }

  /** Prints for people; with `--json` nothing. */
  async print(text: string): Promise<void> {
    if (this.json) return;
    this.#progress.print('');
    await this.context.stdout.write(text);
  }

  /** The document with `--json`, else the text. */
  async result(document: unknown, text: () => string): Promise<void> {
    this.#progress.close();
    await this.context.stdout.write(this.json ? `${JSON.stringify(withoutFrames(document), null, 2)}\n` : text());
  }

  /** Warnings that come with a result; in JSON they stand in the document. */
  warn(diagnostics: readonly Diagnostic[]): void {
    if (!this.json) this.#progress.print(renderDiagnostics(diagnostics, createStyle(this.context.stderr.colour)));
  }

  /** The live line must not stand where somebody types. */
  async withoutProgress<T>(work: () => Promise<T>): Promise<T> {
    this.#progress.close();
    try {
      return await work();
    } finally {
      this.#progress.resume();
    }
  }

  close(): void {
    this.#progress.close();
  }

  /** Ends a command whose work Ctrl-C cut short; says what of it was kept. */
  assertNotInterrupted(done?: RunDocument): void {
    if (this.world.signal.aborted) throw interrupted(done);
  }
}

/** `done` is what a command that executes had come to. */
export function interrupted(done?: RunDocument): ToolError {
  const kept = done ? { hint: keptText(done) } : {};
  return new ToolError('interrupted', 'Interrupted.', { exitCode: 130, ...kept });
}

const MOST_KEPT = 5;

function keptText({ environment, nodes }: RunDocument): string {
  const where = environment === null ? 'Production' : `Environment '${environment}'`;
  const made = nodes.filter(node => node.status === 'executed').map(node => node.id);
  const more = made.length > MOST_KEPT ? ` and ${made.length - MOST_KEPT} more` : '';
  const kept =
    made.length === 0 ? 'No node finished.' : `Kept in the store: ${made.slice(0, MOST_KEPT).join(', ')}${more}.`;
  return `${kept} ${where} is unchanged.`;
}

/** `--profile` is meant from the working directory; where nothing is there, from the project. */
export function profilePath(context: CliContext, path: string | undefined): string | undefined {
  if (path === undefined || isAbsolute(path)) return path;
  const here = resolve(context.world.cwd, path);
  return existsSync(here) ? here : path;
}

/** What every command is made with. */
export interface Cli {
  readonly context: CliContext;
  /** Takes the exit code of the command that ran. */
  finish(code: number): void;
}

interface JsonFlag {
  readonly json?: boolean;
}

/** The exit code; 0 where it gives none. */
type Work<Flags> = (
  session: CommandSession,
  flags: Flags,
  ...words: readonly (string | undefined)[]
) => Promise<number | void>;

/** A commander action: gives the command its session and takes its exit code. */
export const perform =
  <Flags extends JsonFlag>({ context, finish }: Cli, work: Work<Flags>) =>
  async (...received: readonly unknown[]): Promise<void> => {
    // Commander hands over the arguments, then the options, then the command.
    const flags = received[received.length - 2] as Flags;
    const words = received.slice(0, -2) as readonly (string | undefined)[];
    const session = new CommandSession(context, flags.json === true);
    try {
      finish((await work(session, flags, ...words)) ?? 0);
    } finally {
      session.close();
    }
  };
