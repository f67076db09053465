import { type Command, Option } from 'commander';
import type { CommonOptions } from '../core/world.ts';
import { parseLifetime } from '../core/definition/settings/durations.ts';
import { ToolError } from '../diagnostics/tool-error.ts';

/** Flags of every command that opens a project. */
export interface ProjectFlags {
  readonly projectPath?: string;
  readonly lockTimeout?: number;
  readonly json?: boolean;
}

export interface ProfileFlags {
  readonly profile?: string;
}

export interface ExecutionFlags {
  readonly dryRun?: boolean;
  readonly showPlan?: boolean;
  readonly continueOnError?: boolean;
  readonly retry?: number;
  readonly parallel?: boolean;
  readonly maxWorkers?: number;
}

export interface ParameterFlags {
  readonly params?: readonly string[];
  readonly date?: string;
}

export interface VerboseFlag {
  readonly verbose?: boolean;
}

export interface RevertFlag {
  readonly allowRevert?: boolean;
}

export interface YesFlag {
  readonly yes?: boolean;
}

export const withJson = (command: Command): Command => command.option('--json', 'print one JSON document on stdout');

export const withProject = (command: Command): Command =>
  withJson(command)
    .option('--project-path <path>', 'the project, instead of the one found upward from here')
    .addOption(
      new Option('--lock-timeout <seconds>', 'how long to wait for another command that writes').argParser(seconds),
    );

export const withProfile = (command: Command): Command =>
  command.option('--profile <file>', 'the profile to use, instead of the one found by convention');

export const withVerbose = (command: Command): Command =>
  command.option('-v, --verbose', 'show every node, with columns and evidence');

export const withYes = (command: Command): Command =>
  command.option('-y, --yes', 'answer yes to what the command would ask');

export const withRevert = (command: Command): Command =>
  command.option('--allow-revert', 'undo what a promotion or rollback brought, if that is intended');

export const withParameters = (command: Command): Command =>
  command
    .addOption(new Option('--params <key=value>', 'set a parameter; may be repeated').argParser(collect))
    .option('--date <YYYY-MM-DD>', "what {{ today }} means, instead of today's date");

export const withExecution = (command: Command): Command =>
  command
    .option('--dry-run', 'say what would run, and run nothing')
    .option('--show-plan', 'show the plan, and run nothing')
    .option('--continue-on-error', 'go on with what does not depend on a failed node')
    .addOption(new Option('--retry <times>', 'try a failed node again').argParser(wholeNumber('--retry', 0)))
    .option('--parallel', 'run nodes side by side')
    .addOption(
      new Option('--max-workers <count>', 'run as many side by side, three at most').argParser(
        wholeNumber('--max-workers', 1),
      ),
    );

/** Commas and repetition both separate. A list of nothing is refused: a script whose variable is empty would select everything. */
export const listOf =
  (flag: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    const parts = text
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== '');
    if (parts.length === 0) throw badValue(flag, `takes one name at least, not '${text}'`);
    return [...before, ...parts];
  };

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Reads a whole number. Throws `bad-option`: a bad value is no mistake of usage. */
export const wholeNumber =
  (flag: string, least: number) =>
  (text: string): number => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw badValue(flag, `takes a whole number from ${least} on, not '${text}'`);
  };

/** Reads `7d`, `12h` or a number of days as milliseconds; 0 is for ever. */
export function duration(text: string): number {
  const milliseconds = parseLifetime(text);
  if (milliseconds !== null) return milliseconds;
  throw badValue('--ttl', `takes a time such as 7d or 12h, or 0 for ever, not '${text}'`);
}

function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw badValue('--lock-timeout', `takes a number of seconds, not '${text}'`);
}

export const badValue = (flag: string, mistake: string): ToolError =>
  new ToolError('bad-option', `${flag} ${mistake}.`);

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The entries that were given; use cases know no undefined. */
export const given = <T extends object>(values: T): Given<T> =>
  // Only keys whose value is undefined are dropped.
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

export const commonOptions = ({ projectPath, lockTimeout }: ProjectFlags): CommonOptions =>
  given({ projectPath, lockTimeout });

export const executionOptions = (flags: ExecutionFlags) =>
  given({
    dryRun: flags.dryRun === true || flags.showPlan === true ? true : undefined,
    continueOnError: flags.continueOnError,
    retry: flags.retry,
    parallel: flags.maxWorkers === undefined ? flags.parallel : true,
    maxWorkers: flags.maxWorkers,
  });
