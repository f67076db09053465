import type { CliContext } from './cli-context.ts';
import type { ProgramOutput } from './program-output.ts';

/** Everything that one run of the program takes from outside. */
export interface Outside extends CliContext {
  /** The command line without the program's name. */
  readonly words: readonly string[];
  readonly stdout: ProgramOutput;
  readonly stderr: ProgramOutput;
}

const FAILED = 1;
const BUG = 70;

/** Runs the whole program and returns its exit code once all output is written. Never rejects: bugs are reported. */
export async function runMain(outside: Outside): Promise<number> {
  const code = await attempt(outside);
  return (await reportLostOutput(outside)) && code === 0 ? FAILED : code;
}

async function attempt(outside: Outside): Promise<number> {
  const { words, version, stdout } = outside;
  try {
    // The version is shown without loading the commands.
    if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
      await stdout.write(`${version}\n`);
      return 0;
    }
    const { runCli } = await import('./run-cli.ts');
    return await runCli(words, outside);
  } catch (error) {
    return reportBug(error, outside);
  }
}

/** Waits until all output is written; true if some of it could not be. */
async function reportLostOutput({ stdout, stderr }: Outside): Promise<boolean> {
  await Promise.all([stdout.write(''), stderr.write('')]);
  if (stdout.lost === null) return false;
  await stderr.write(`error[output-unwritable]: The output cannot be written (${stdout.lost}).\n`);
  return true;
}

/** Reports a bug on stderr, and with `--json` also on stdout. Returns the exit code of bugs. */
export async function reportBug(error: unknown, { words, version, world, stdout, stderr }: Outside): Promise<number> {
  const message = `This is a bug in seeknal ${version}: ${error instanceof Error ? error.message : String(error)}`;
  const hint = 'Please report it with the command that you ran; SEEKNAL_DEBUG=1 shows where it happened.';
  await stderr.write(`error[bug]: ${message}\n  hint: ${hint}\n`);
  if (world.variables['SEEKNAL_DEBUG'] && error instanceof Error) await stderr.write(`${error.stack}\n`);
  if (!words.includes('--json')) return BUG;
  const diagnostic = { code: 'bug', severity: 'error', message, file: null, line: null, column: null, hint };
  const document = { format: 'seeknal.error', version: 1, diagnostics: [diagnostic] };
  await stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return BUG;
}
