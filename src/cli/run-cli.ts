import { type Command, CommanderError } from 'commander';
import { ToolError } from '../diagnostics/tool-error.ts';
import { errorJson, renderToolError } from '../views/diagnostics-view.ts';
import { createStyle } from '../views/text/style.ts';
import type { CliContext } from './cli-context.ts';
import { interrupted } from './command-session.ts';
import { createProgram } from './program.ts';
import { insteadOfEnvironment, type RefusedLine, usageHint } from './usage-hint.ts';

const USAGE = 64;

/** Runs one command line and returns its exit code. Rejects only for bugs. */
export async function runCli(words: readonly string[], context: CliContext): Promise<number> {
  let code = 0;
  const program = createProgram({ context, finish: given => (code = given) });
  const printed: string[] = [];
  forEachCommand(program, command => {
    command.exitOverride();
    // Help is kept until the exit code decides its stream; errors are reported once, in one form.
    command.configureOutput({
      writeOut: text => printed.push(text),
      writeErr: text => printed.push(text),
      outputError: () => undefined,
      getOutHelpWidth: () => context.stdout.columns(),
      getErrHelpWidth: () => context.stderr.columns(),
    });
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return finishParsing({ error, words, program }, { printed: printed.join(''), context });
    const refusal = asRefusal(error, context);
    if (refusal === null) throw error;
    await report(withCommandHint(refusal, words), wantsJson(words), context);
    return refusal.exitCode;
  }
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}

/** Interrupted work may fail with any error; all of them mean `interrupted`. */
function asRefusal(error: unknown, context: CliContext): ToolError | null {
  const said = error instanceof ToolError && error.code === 'interrupted' ? error : interrupted();
  if (context.world.signal.aborted) return said;
  return error instanceof ToolError ? error : (refusedBySystem(error) ?? refusedByEngine(error));
}

/** An error of the operating system, such as a missing permission, is not a bug. */
function refusedBySystem(error: unknown): ToolError | null {
  if (!(error instanceof Error)) return null;
  const { syscall, path, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined || path === undefined || code === undefined) return null;
  return new ToolError('disk', `Cannot use ${path}: ${code} (${syscall}).`, {
    cause: error,
    hint: 'Check the path and its permissions, then run the command again.',
  });
}

/** Suggests another command if a node or a file was given instead of an environment. */
function withCommandHint(error: ToolError, words: readonly string[]): ToolError {
  const hint = error.code === 'environment-name' ? insteadOfEnvironment(words) : null;
  if (hint === null) return error;
  return new ToolError(error.code, error.message, { hint, exitCode: error.exitCode });
}

/** An engine error caused by data or the machine; any other engine error is a bug. */
function refusedByEngine(error: unknown): ToolError | null {
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  const kind = /^(Conversion|Invalid Input|Out of Range|Out of Memory|IO|Constraint) Error: /.exec(said);
  return kind && new ToolError('engine', said.slice(kind[0].length), { cause: error });
}

interface Parsing {
  readonly printed: string;
  readonly context: CliContext;
}

async function finishParsing(line: RefusedLine, { printed, context }: Parsing): Promise<number> {
  const { error, words } = line;
  if (error.exitCode === 0) {
    await context.stdout.write(printed);
    return 0;
  }
  if (error.code === 'commander.help' && !wantsJson(words)) {
    await context.stderr.write(printed);
    return USAGE;
  }
  await report(usageError(line), wantsJson(words), context);
  return USAGE;
}

/** The parser's error as a tool error; the parser puts its suggestion on a second line. */
function usageError(line: RefusedLine): ToolError {
  const { error } = line;
  if (error.code === 'commander.help')
    return new ToolError('usage', 'A command is missing.', { hint: "'seeknal --help' lists them." });
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint =
    usageHint(line) ??
    suggestion?.replace(/^\((.*)\)$/, '$1') ??
    "'seeknal --help' lists the commands, 'seeknal COMMAND --help' their options.";
  return new ToolError('usage', `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, '')}.`, { hint });
}

async function report(error: ToolError, json: boolean, { stdout, stderr }: CliContext): Promise<void> {
  await stderr.write(renderToolError(error, createStyle(stderr.colour)));
  if (json) await stdout.write(`${JSON.stringify(errorJson(error), null, 2)}\n`);
}

/** Whether `--json` is given, even if the line cannot be parsed. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? words.length : end).includes('--json');
}
