import { withDotEnv } from '../connections/dot-env.ts';
import { once } from '../core/once.ts';
import { lookForProjectRoot } from '../project/files/project-root.ts';
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

/** Flags that a session itself reads. */
interface SessionFlags {
  readonly json?: boolean;
  readonly projectPath?: string;
}

/** Environment variables, completed by the project's `.env`. */
function variablesOf(world: Omit<World, 'emit'>, projectPath: string | undefined): World['variables'] {
  const options = projectPath === undefined ? {} : { projectPath };
  const root = lookForProjectRoot(world, options);
  return root === null ? world.variables : withDotEnv(root, world.variables);
}

/** The resources of one command: a world that shows its progress, and its outputs. */
export class CommandSession {
  readonly context: CliContext;
  readonly world: World;
  /** Whether stdout receives only the document. */
  readonly json: boolean;
  /** The style of stdout. */
  readonly style: Style;
  readonly #progress: Progress;

  constructor(context: CliContext, { json = false, projectPath }: SessionFlags) {
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
    // Work that Ctrl-C interrupted is not reported as failed.
    const emit = (event: RunEvent): void => {
      if (!context.world.signal.aborted) this.#progress.show(event);
    };
    const variables = once(() => variablesOf(context.world, projectPath));
    this.world = {
      ...context.world,
      emit,
      get variables() {
        return variables();
      },
    };
  }

  /** Prints for people; prints nothing with `--json`. */
  async print(text: string): Promise<void> {
    if (this.json) return;
    this.#progress.print('');
    await this.context.stdout.write(text);
  }

  /** Prints the document with `--json`, else the text. */
  async result(document: unknown, text: () => string): Promise<void> {
    this.#progress.close();
    await this.context.stdout.write(this.json ? `${JSON.stringify(withoutFrames(document), null, 2)}\n` : text());
  }

  /** Prints the warnings of a result; in JSON they are part of the document. */
  warn(diagnostics: readonly Diagnostic[]): void {
    if (!this.json) this.#progress.print(renderDiagnostics(diagnostics, createStyle(this.context.stderr.colour)));
  }

  /** Hides the live line while the user types. */
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

  /** Throws `interrupted` after Ctrl-C, with the results that were kept. */
  assertNotInterrupted(done?: RunDocument): void {
    if (this.world.signal.aborted) throw interrupted(done);
  }
}

/** `done` is the state of the run at the time of the interruption. */
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

/** `--profile` is relative to the working directory; if no such file exists, to the project. */
export function profilePath(context: CliContext, path: string | undefined): string | undefined {
  if (path === undefined || isAbsolute(path)) return path;
  const here = resolve(context.world.cwd, path);
  return existsSync(here) ? here : path;
}

/** The context of every command. */
export interface Cli {
  readonly context: CliContext;
  /** Receives the exit code of the command. */
  finish(code: number): void;
}

/** Returns the exit code, or nothing for 0. */
type Work<Flags> = (
  session: CommandSession,
  flags: Flags,
  ...words: readonly (string | undefined)[]
) => Promise<number | void>;

/** A commander action that opens a session for a command and receives its exit code. */
export const perform =
  <Flags extends SessionFlags>({ context, finish }: Cli, work: Work<Flags>) =>
  async (...received: readonly unknown[]): Promise<void> => {
    // Commander passes the arguments, then the options, then the command.
    const flags = received[received.length - 2] as Flags;
    const words = received.slice(0, -2) as readonly (string | undefined)[];
    const session = new CommandSession(context, flags);
    try {
      finish((await work(session, flags, ...words)) ?? 0);
    } finally {
      session.close();
    }
  };
