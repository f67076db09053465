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

/** The flag of `withProfile`. */
export interface ProfileFlags {
  readonly profile?: string;
}

/** The flags of `withExecution`. */
export interface ExecutionFlags {
  readonly dryRun?: boolean;
  readonly showPlan?: boolean;
  readonly continueOnError?: boolean;
  readonly retry?: number;
  readonly parallel?: boolean;
  readonly maxWorkers?: number;
}

/** The flags of `withParameters`. */
export interface ParameterFlags {
  readonly params?: readonly string[];
  readonly date?: string;
}

/** The flag of `withVerbose`. */
export interface VerboseFlag {
  readonly verbose?: boolean;
}

/** The flag of `withRevert`. */
export interface RevertFlag {
  readonly allowRevert?: boolean;
}

/** The flag of `withMaterialize`; true unless it is given. */
export interface MaterializeFlag {
  readonly materialize?: boolean;
}

/** The flag of `withAdopt`. */
export interface AdoptFlag {
  readonly adopt?: boolean;
}

/** The flag of `withYes`. */
export interface YesFlag {
  readonly yes?: boolean;
}

/** Adds `--json`. */
export const withJson = (command: Command): Command => command.option('--json', 'print one JSON document on stdout');

/** Adds the flags of every command that opens a project. */
export const withProject = (command: Command): Command =>
  withJson(command)
    .option('--project-path <path>', 'project folder (default: nearest parent)')
    .addOption(
      new Option('--lock-timeout <seconds>', 'how long to wait for another writing command').argParser(seconds),
    );

/** Adds `--profile`. */
export const withProfile = (command: Command): Command =>
  command.option('--profile <file>', 'profile file (default: found by convention)');

/** Adds `--verbose`. */
export const withVerbose = (command: Command): Command =>
  command.option('-v, --verbose', 'show every node, with columns and evidence');

/** Adds `--yes`. */
export const withYes = (command: Command): Command => command.option('-y, --yes', 'skip confirmation prompts');

/** Adds `--allow-revert`. */
export const withRevert = (command: Command): Command =>
  command.option('--allow-revert', 'allow undoing a promotion or rollback');

/** Adds `--no-materialize`. */
export const withMaterialize = (command: Command): Command =>
  command.option('--no-materialize', 'do not write external targets');

/** Adds `--adopt`. */
export const withAdopt = (command: Command): Command =>
  command.option('--adopt', 'take over existing tables and schemas that this project did not make');

/** Adds `--params` and `--date`. */
export const withParameters = (command: Command): Command =>
  command
    .addOption(new Option('--params <key=value>', 'set a parameter; may be repeated').argParser(collect))
    .option('--date <YYYY-MM-DD>', "date for {{ today }} (default: today's date)");

/** Adds the flags of commands that run nodes. */
export const withExecution = (command: Command): Command =>
  command
    .option('--dry-run', 'show what would run, without running it')
    .option('--show-plan', 'show the plan, without running it')
    .option('--continue-on-error', 'continue with nodes that do not depend on a failed node')
    .addOption(
      new Option('--retry <times>', 'number of times to retry a failed node').argParser(wholeNumber('--retry', 0)),
    )
    .option('--parallel', 'run nodes in parallel')
    .addOption(
      new Option('--max-workers <count>', 'maximum number of parallel nodes, up to 3').argParser(
        wholeNumber('--max-workers', 1),
      ),
    );

/** Commas and repetition separate values. An empty list is refused: a script with an empty variable would select everything. */
export const listOf =
  (flag: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    const parts = text
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== '');
    if (parts.length === 0) throw badValue(flag, `takes at least one name, not '${text}'`);
    return [...before, ...parts];
  };

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Reads a whole number. Throws `bad-option`, because a bad value is not a usage error. */
export const wholeNumber =
  (flag: string, least: number) =>
  (text: string): number => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw badValue(flag, `takes a whole number of at least ${least}, not '${text}'`);
  };

/** Reads `7d`, `12h` or a number of days as milliseconds; 0 = never expires. */
export function duration(text: string): number {
  const milliseconds = parseLifetime(text);
  if (milliseconds !== null) return milliseconds;
  throw badValue('--ttl', `takes a time such as 7d or 12h, or 0 (never expires), not '${text}'`);
}

function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw badValue('--lock-timeout', `takes a number of seconds, not '${text}'`);
}

/** The error for a bad value of a flag. */
export const badValue = (flag: string, mistake: string): ToolError =>
  new ToolError('bad-option', `${flag} ${mistake}.`);

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The entries that are not undefined; use cases do not accept undefined. */
export const given = <T extends object>(values: T): Given<T> =>
  // Only keys with an undefined value are dropped.
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

/** The options that every use case takes. */
export const commonOptions = ({ projectPath, lockTimeout }: ProjectFlags): CommonOptions =>
  given({ projectPath, lockTimeout });

/** The options of use cases that run nodes. */
export const executionOptions = (flags: ExecutionFlags) =>
  given({
    dryRun: flags.dryRun === true || flags.showPlan === true ? true : undefined,
    continueOnError: flags.continueOnError,
    retry: flags.retry,
    parallel: flags.maxWorkers === undefined ? flags.parallel : true,
    maxWorkers: flags.maxWorkers,
  });
